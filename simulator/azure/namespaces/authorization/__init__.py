"""Microsoft.Authorization: role definitions, role assignments, and what they permit."""
