"""Which topic a letter has, how sure we are, and how the model learns."""
