"""What a letter says: the readers of name, numbers, date, account of the problem, and files."""
