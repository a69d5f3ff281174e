"""From the mailbox to a read letter: fetching, parsing, own words, screening."""
