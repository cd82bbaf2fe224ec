"""What comes of a usage, and why: verdicts, the causes of denials, what is granted for nothing, and words for them."""
