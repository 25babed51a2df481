"""What is asked of students: the mistakes that they make, question forms, distractors, marks."""
