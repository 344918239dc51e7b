"""The provider of the component package: the schema, and the construction of components."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields
from types import NoneType
from typing import (
    Any,
    NotRequired,
    Optional,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import pulumi
from pulumi.errors import InputPropertiesError
from pulumi.provider import ConstructResult, Provider, main
from pulumi.provider.experimental.analyzer import Analyzer
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.experimental.schema import generate_schema
from pulumi.provider.experimental.util import camel_case

from components.deployment.context import DeploymentContext
from components.problems import ConfigurationError, Problem
from components.settings.load import Configuration, configuration
from components.settings.stack import PROJECT, SECTIONS, Settings, secrets
from package.attribute_docs import documented
from package.components import EXPORTS, Export, missing
from package.inputs import TRANSLATION
from package.values import ResolvedSettings

VERSION = "0.1.0"
LOCATION = "azure-native:location"
ABOUT = {
    "displayName": "AKS network",
    "description": "Secure networking for Azure Kubernetes Service, with a proven address plan.",
    "keywords": ["azure", "aks", "kubernetes", "network", "category/network", "kind/component"],
    "license": "MIT",
}
SETTINGS = "settings"
"""The input with the settings, and the first part of their paths."""


class Package(Provider):
    """The components of `EXPORTS`."""

    def __init__(self) -> None:
        super().__init__(VERSION, json.dumps(schema()))

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: pulumi.Inputs,
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Create a component. Raises InputPropertiesError with all problems of the inputs."""
        ComponentProvider.validate_resource_type(PROJECT, resource_type)
        export = EXPORTS[resource_type.rpartition(":")[2]]
        try:
            values = _values(export, inputs)
            checked = _checked(values.settings)
            component = export.create(name, DeploymentContext.of(checked), values, options)
        except ConfigurationError as error:
            raise _input_error(error) from None
        if export.warns:
            for warning in checked.warnings:
                pulumi.log.warn(warning, component)
        return ConstructResult(component.urn, _state(export, component))


def schema() -> dict[str, Any]:
    """The package's schema, inferred from the components' and the settings' types."""
    analyzer = Analyzer(PROJECT)
    shapes = [_shape(export) for export in EXPORTS.values()]
    for export in EXPORTS.values():
        TRANSLATION.descriptions[export.inputs.__name__] = documented(export.inputs)
    analyzer.docstrings.update(TRANSLATION.descriptions)
    found = analyzer.analyze(shapes)
    inferred = generate_schema(
        PROJECT,
        VERSION,
        None,
        found["component_definitions"],
        found["type_definitions"],
        sorted(found["dependencies"], key=str),
    ).to_json()
    for owner, key in TRANSLATION.secrets:
        if type_ := inferred["types"].get(f"{PROJECT}:index:{owner}"):
            type_["properties"][key]["secret"] = True
    return inferred | ABOUT


def _shape(export: Export[Any, Any]) -> type[pulumi.ComponentResource]:
    """The class that Pulumi's analyzer reads for a component: its outputs that are values.

    Attributes with resources, for use from Python, are left out.
    """
    owner = export.outputs or export.component
    if is_typeddict(owner):
        hints = get_type_hints(owner, include_extras=True)
    else:
        hints = inspect.get_annotations(owner, eval_str=True)
    annotations = {
        name: _output(hint, name) for name, hint in hints.items() if not _holds_resources(hint)
    }
    name = export.component.__name__
    TRANSLATION.descriptions[name] = documented(owner)
    for key, attribute in vars(export.further_outputs).items() if export.further_outputs else ():
        if isinstance(attribute, property):
            getter = cast("Any", attribute.fget)
            annotations[key] = inspect.get_annotations(getter, eval_str=True)["return"]
            TRANSLATION.descriptions[name][key] = inspect.cleandoc(attribute.__doc__ or "")

    def constructor(self: Any, name: str, args: Any) -> None: ...

    constructor.__annotations__["args"] = export.inputs
    return type(
        name,
        (pulumi.ComponentResource,),
        {
            "__init__": constructor,
            "__annotations__": annotations,
            "__doc__": inspect.cleandoc(export.component.__doc__ or ""),
        },
    )


def _output(hint: Any, name: str) -> Any:
    optional = get_origin(hint) is NotRequired or NoneType in get_args(hint)
    translated = TRANSLATION.of(hint, name)
    return Optional[translated] if optional else translated  # noqa: UP045 - made at run time


def _holds_resources(hint: Any) -> bool:
    if isinstance(hint, type) and issubclass(hint, pulumi.Resource):
        return True
    return any(_holds_resources(part) for part in get_args(hint))


def _values(export: Export[Any, Any], inputs: pulumi.Inputs) -> Any:
    """The inputs as the component's dataclass.

    Raises ConfigurationError with the problems of the inputs and of the settings among them.
    """
    known = {camel_case(item.name): item for item in fields(export.inputs)}
    problems = [
        missing(key)
        for key, item in known.items()
        if item.default is MISSING and inputs.get(key) is None
    ]
    problems += [
        Problem(key, "", "is not an input", f"remove it; the inputs are {', '.join(known)}")
        for key in inputs
        if key not in known
    ]
    if problems:
        if inputs.get(SETTINGS) is not None:
            problems += _problems_of(inputs[SETTINGS])
        raise ConfigurationError(problems)
    return export.inputs(**{item.name: inputs.get(key) for key, item in known.items()})


def _problems_of(settings: Any) -> Sequence[Problem]:
    try:
        _checked(settings)
    except ConfigurationError as error:
        return error.problems
    return ()


def _checked(settings: Any) -> Configuration:
    """The settings and their plan. Raises ConfigurationError."""
    resolved = ResolvedSettings.of(settings, SETTINGS)
    if resolved.unknown:
        rule = "must be known in a preview: it is an output of a resource"
        remedy = "use a value that does not depend on a resource"
        raise ConfigurationError(Problem(path, "", rule, remedy) for path in resolved.unknown)
    values: dict[str, Any] = resolved.value
    if not isinstance(values, dict):  # pyright: ignore[reportUnnecessaryIsInstance] - as it came
        raise ConfigurationError([Problem(SETTINGS, "", "must be an object", "pass an object")])
    config = {LOCATION if key == "location" else f"{PROJECT}:{key}": values[key] for key in values}
    checked = configuration(config)
    if problems := list(_plain_secrets(checked.settings, resolved.secret)):
        raise ConfigurationError(problems)
    return checked


def _plain_secrets(settings: Settings, secret: Sequence[str]) -> Iterator[Problem]:
    """Secrets that arrived as plain values, which the state would store in plain text."""
    below_secret = tuple(end for path in secret for end in (f"{path}.", f"{path}["))
    for key in SECTIONS:
        for path in secrets(f"{SETTINGS}.{key}", getattr(settings, key)):
            if path not in secret and not path.startswith(below_secret):
                rule = "must be a secret: the state would store it in plain text"
                yield Problem(path, "", rule, "pass it as a secret, such as pulumi.secret(…)")


def _input_error(error: ConfigurationError) -> InputPropertiesError:
    """The problems as one error, with paths of the inputs in place of those of a stack file."""
    problems = sorted({_with_input_paths(problem) for problem in error.problems})
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    lines = "".join(f"\n  {problem}" for problem in problems)
    # One text instead of an error per property: for these the engine prints the value of the
    # property, which may be a password.
    return InputPropertiesError(f"{count} in the inputs; nothing was registered:{lines}", [])


def _with_input_paths(problem: Problem) -> Problem:
    def replace(text: str) -> str:
        text = text.partition(": pulumi config set")[0].replace(LOCATION, f"{PROJECT}:location")
        return text.replace(f"{PROJECT}:", f"{SETTINGS}.")

    return Problem(
        replace(problem.path), problem.value, replace(problem.rule), replace(problem.remedy)
    )


def _state(export: Export[Any, Any], component: pulumi.ComponentResource) -> dict[str, Any]:
    """The component's outputs, by their names in the schema."""
    ready = [resource.urn for resource in export.ready(component)]
    return {
        camel_case(name): _after(value, ready)
        for name in _shape(export).__annotations__
        if (value := export.value(component, name)) is not None
    }


def _after(value: Any, others: Sequence[pulumi.Output[str]]) -> Any:
    """The value, as an output that resolves after the others."""
    if not others:
        return value
    return pulumi.Output.all(value, *others).apply(lambda values: values[0])


def serve(arguments: list[str]) -> None:
    """Serve the package until the engine stops it."""
    main(Package(), arguments)
