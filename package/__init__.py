"""The components for programs in any language, as a Pulumi component package.

`exports` is the table of what there is. A component's settings are those of a stack file: their
types and descriptions are made of the settings' models (`translation`). Its outputs are the
component's own.
"""
