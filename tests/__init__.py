"""Tests of Indelible."""
