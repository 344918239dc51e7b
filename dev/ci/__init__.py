"""The pull-request comment: what the commits change in each stack."""
