"""Indelible Studio: a small studio for making a film with AI help."""
