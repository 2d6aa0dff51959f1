"""What the addresses of the users ask for. Anything that makes no sense there is as absent."""

from __future__ import annotations

USERS = "/administration/utilisateurs"
