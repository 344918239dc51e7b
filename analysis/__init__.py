"""What a deployed stack's state says: who reaches whom, what the audit finds, the diagram."""
