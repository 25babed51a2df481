"""The document: its closed set of nodes, the words of a worked solution, and its views."""
