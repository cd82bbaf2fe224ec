"""The rules on declared usage, one file each: loaded only where usage is declared."""
