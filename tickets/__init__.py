"""What a ticket is: the verdict on a letter, the outcome it settles to, number and clocks."""
