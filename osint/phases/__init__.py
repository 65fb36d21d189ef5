"""What the phases of an investigation do, one module each; ``osint.case`` has the thin method for each of them."""
