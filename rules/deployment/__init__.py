"""The rules on what templates deploy, one file each: loaded only where there is a template."""
