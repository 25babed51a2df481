"""Letters, conventions and the math tree with its emitters."""
