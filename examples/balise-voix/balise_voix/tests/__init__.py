"""Tests of Voix, on the portal where it is installed."""
