"""What a policy means, whatever file it came from: texts, ARNs, statements. No file format is known here."""
