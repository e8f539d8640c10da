"""Where things stand on paper: numbers only, no ink, no matplotlib."""
