"""Microsoft.Insights: diagnostic settings."""

from __future__ import annotations

from simulator.azure.catalog import ResourceType

TYPES = [
    ResourceType(
        "monitor:DiagnosticSetting",
        "{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
        "2021-05-01-preview",
        seconds=3,
    ),
]
