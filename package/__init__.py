"""The components for programs in any language, as a Pulumi component package.

`components` lists all components. Their settings are those of a stack file: `schema` translates the
types and descriptions of the settings' models. Their outputs are the components' attributes.
"""
