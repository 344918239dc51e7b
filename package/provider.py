"""The provider that Pulumi's engine asks for components: their schema, and making them."""

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
from components.settings.attribute_docs import documented
from components.settings.load import Configuration, configuration
from components.settings.stack import PROJECT, SECTIONS, Settings, secrets
from package.components import EXPORTS, Export, missing
from package.inputs import TRANSLATION
from package.values import Known

VERSION = "0.1.0"
LOCATION = "azure-native:location"
ABOUT = {
    "displayName": "AKS network",
    "description": "Secure networking for Azure Kubernetes Service, with a proven address plan.",
    "keywords": ["azure", "aks", "kubernetes", "network", "category/network", "kind/component"],
    "license": "MIT",
}
SETTINGS = "settings"
"""The input that holds the settings, and what their paths begin with."""


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
        """Make a component. Raises InputPropertiesError with everything that is wrong."""
        ComponentProvider.validate_resource_type(PROJECT, resource_type)
        export = EXPORTS[resource_type.rpartition(":")[2]]
        try:
            given = _given(export, inputs)
            checked = _checked(given.settings)
            component = export.make(name, DeploymentContext.of(checked), given, options)
        except ConfigurationError as error:
            raise _said(error) from None
        if export.advises:
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
        if made := inferred["types"].get(f"{PROJECT}:index:{owner}"):
            made["properties"][key]["secret"] = True
    return inferred | ABOUT


def _shape(export: Export[Any, Any]) -> type[pulumi.ComponentResource]:
    """What the analyzer is to see of a component: its values.

    Resources that a component keeps for whoever uses it from Python stay inside.
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
    for key, read in vars(export.more).items() if export.more else ():
        if isinstance(read, property):
            annotations[key] = inspect.get_annotations(cast("Any", read.fget), eval_str=True)[
                "return"
            ]
            TRANSLATION.descriptions[name][key] = inspect.cleandoc(read.__doc__ or "")

    def takes(self: Any, name: str, args: Any) -> None: ...

    takes.__annotations__["args"] = export.inputs
    return type(
        name,
        (pulumi.ComponentResource,),
        {
            "__init__": takes,
            "__annotations__": annotations,
            "__doc__": inspect.cleandoc(export.component.__doc__ or ""),
        },
    )


def _output(hint: Any, name: str) -> Any:
    absent = get_origin(hint) is NotRequired or NoneType in get_args(hint)
    translated = TRANSLATION.of(hint, name)
    return Optional[translated] if absent else translated  # noqa: UP045 - made at run time


def _holds_resources(hint: Any) -> bool:
    if isinstance(hint, type) and issubclass(hint, pulumi.Resource):
        return True
    return any(_holds_resources(part) for part in get_args(hint))


def _given(export: Export[Any, Any], inputs: pulumi.Inputs) -> Any:
    """The inputs by Python's names. What is wrong with them is told beside the settings' faults."""
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
            problems += _faults(inputs[SETTINGS])
        raise ConfigurationError(problems)
    return export.inputs(**{item.name: inputs.get(key) for key, item in known.items()})


def _faults(settings: Any) -> Sequence[Problem]:
    try:
        _checked(settings)
    except ConfigurationError as error:
        return error.problems
    return ()


def _checked(settings: Any) -> Configuration:
    """The settings and their plan. Raises ConfigurationError."""
    known = Known.of(settings, SETTINGS)
    if known.unknown:
        rule, remedy = "is not known before other resources exist", "give what a preview knows"
        raise ConfigurationError(Problem(path, "", rule, remedy) for path in known.unknown)
    values: dict[str, Any] = known.value
    if not isinstance(values, dict):  # pyright: ignore[reportUnnecessaryIsInstance] - as it came
        raise ConfigurationError([Problem(SETTINGS, "", "is no object", "give an object")])
    config = {LOCATION if key == "location" else f"{PROJECT}:{key}": values[key] for key in values}
    checked = configuration(config)
    if in_the_open := list(_in_the_open(checked.settings, known.secret)):
        raise ConfigurationError(in_the_open)
    return checked


def _in_the_open(settings: Settings, secret: Sequence[str]) -> Iterator[Problem]:
    """Secrets that came as plain values, which a component's inputs hold for all to read."""
    hidden = tuple(end for path in secret for end in (f"{path}.", f"{path}["))
    for key in SECTIONS:
        for path in secrets(f"{SETTINGS}.{key}", getattr(settings, key)):
            if path not in secret and not path.startswith(hidden):
                rule = "is no secret, so that the state holds it in plain text"
                yield Problem(path, "", rule, "pass it as one, such as by pulumi.secret(…)")


def _said(error: ConfigurationError) -> InputPropertiesError:
    """The problems in terms of the inputs, where the program's are in terms of a stack file."""
    found = sorted({_in_terms_of_inputs(problem) for problem in error.problems})
    count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
    lines = "".join(f"\n  {problem}" for problem in found)
    # One text instead of an error for each property: with those the engine shows the property's
    # value, be it a password.
    return InputPropertiesError(f"{count} in the inputs; nothing was registered:{lines}", [])


def _in_terms_of_inputs(problem: Problem) -> Problem:
    def said(text: str) -> str:
        named = text.partition(": pulumi config set")[0].replace(LOCATION, f"{PROJECT}:location")
        return named.replace(f"{PROJECT}:", f"{SETTINGS}.")

    return Problem(said(problem.path), problem.value, said(problem.rule), said(problem.remedy))


def _state(export: Export[Any, Any], component: pulumi.ComponentResource) -> dict[str, Any]:
    """What the component puts out, by the schema's names."""
    waited_for = [made.urn for made in export.ready(component)]
    return {
        camel_case(name): _after(value, waited_for)
        for name in _shape(export).__annotations__
        if (value := export.value(component, name)) is not None
    }


def _after(value: Any, waited_for: Sequence[pulumi.Output[str]]) -> Any:
    """The value, which is there when the others are."""
    if not waited_for:
        return value
    return pulumi.Output.all(value, *waited_for).apply(lambda values: values[0])


def serve(arguments: list[str]) -> None:
    """Serve the package until the engine ends it."""
    main(Package(), arguments)
