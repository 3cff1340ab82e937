"""An import-linter contract: a capability knows of its siblings only their commands and queries.

Tables, rules and the rest are a capability's own; whoever reads a sibling's tables will be broken by its next
migration, and whoever calls its rules skips its checks.
"""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

PUBLIC = ("commands", "queries")
NOT_CAPABILITIES = ("migrations",)


class CapabilitiesContract(Contract):
    """`services` lists the packages whose sub-packages are capabilities."""

    type_name = "capabilities"
    services = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Broken by every import of a sibling's module that is neither commands nor queries."""
        broken = []
        services: list[str] = list(self.services)  # type: ignore[call-overload] # a field reads as its value
        for service in services:
            capabilities = [
                name
                for name in sorted(graph.find_children(service))
                if graph.find_children(name) and name.rpartition(".")[2] not in NOT_CAPABILITIES
            ]
            for capability in capabilities:
                inside = {capability} | graph.find_descendants(capability)
                for module in sorted(inside):
                    for imported in sorted(graph.find_modules_directly_imported_by(module)):
                        if imported not in inside and _is_private(imported, capabilities):
                            broken.append(f"{module} imports {imported}")
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Names every forbidden import."""
        for sentence in check.metadata["broken"]:
            output.print_error(f"- {sentence}: reach a sibling through its commands or queries", bold=False)
        output.new_line()


def _is_private(module: str, capabilities: list[str]) -> bool:
    for capability in capabilities:
        if module == capability:
            return True
        if module.startswith(capability + "."):
            return module.removeprefix(capability + ".").partition(".")[0] not in PUBLIC
    return False
