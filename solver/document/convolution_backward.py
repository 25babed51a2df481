"""The backward pass of a convolution: through the dense layers, the pooling and the activation to the kernel."""

from __future__ import annotations

from collections.abc import Callable

from solver.document import map_figures, routes, slopes
from solver.document.backward_matrix import definition, layer_sections, refused
from solver.document.backward_paths import backward_paths
from solver.document.given import layers
from solver.document.guide import Guide
from solver.document.kernel_gradients import at_kernel, kernel_title
from solver.document.map_gradients import arriving, slope_parts, through_activation, unpooled
from solver.document.maps import Maps, maps_of, taken
from solver.document.nodes import Block, Figure, Phrase, Section
from solver.document.telling import Telling
from solver.document.words import count, paragraph, phrase
from solver.quantities import Quantity
from solver.trace.asked import Asked, line_formulas
from solver.trace.chain import Chain, chain_rule


def backward(telling: Telling, what: Asked) -> tuple[Telling, Section]:
    """Return the backward pass in the form asked for, and the context with all keys that it defines."""
    maps = maps_of(telling.graph)
    if what.form == "matrix":
        telling = telling.defining(slopes.slope_parts(telling) | slope_parts(telling, maps))
        return telling, by_arrays(telling, maps, what)
    chains = chain_rule(
        telling.graph, what.elements, stations=telling.graph.stations, blocked=unread(telling, maps)
    )
    telling = telling.defining(line_formulas(telling.problem, telling.model, what) | dict(chains.definitions))
    return telling, backward_paths(telling, what, chains, Guide(route, lit))


def unread(telling: Telling, maps: Maps) -> Callable[[Quantity, Quantity], bool] | None:
    """Return whether a pooled cell takes nothing from an entry of its window, because another is the largest."""
    if maps.pooled is None or not maps.takes_largest:
        return None
    givers = {cell: entry for entry, given in taken(telling, maps).items() for cell in given}

    def blocked(of: Quantity, by: Quantity) -> bool:
        return of in givers and by != givers[of]

    return blocked


def route(telling: Telling, chain: Chain) -> Phrase:
    """Return where a kernel weight sits and what it meets; of a dense weight the words of a dense layer."""
    maps = maps_of(telling.graph)
    parameter, letters = chain.target.value, telling.letters
    if parameter.whole not in (maps.kernel, maps.bias):
        return routes.route(telling, chain)
    positions, open_ = count(maps.windows.count, "place"), len(chain.products)
    if parameter.whole == maps.bias:
        met = maps.windows.count
        start, which = (
            phrase("The bias ", letters(parameter), f" is added at each of the {positions}."),
            "of them",
        )
    else:
        met = sum(
            maps.windows.covered(place, parameter.index[2:]) is not None
            for place in maps.windows.all_places()
        )
        start, which = _used(phrase("The weight ", letters(parameter)), met, maps.windows.count)
    if maps.output is not maps.activation and maps.takes_largest and open_ < met:
        hands = (
            f" {count(open_, which, which).capitalize()} {'hands' if open_ == 1 else 'hand'} a gradient back"
        )
        return phrase(start, hands, " and adds one product" if open_ == 1 else ", and each adds one product",
                      "; the others are pooled away.")  # fmt: skip
    every = "Each place" if which == "of them" else f"Each {which}" if met > 1 else "That place"
    return phrase(start, f" {every} adds one product.")


def _used(weight: Phrase, met: int, places: int) -> tuple[Phrase, str]:
    """Return what a kernel weight meets at all its places, and what those are called at which it is no padding."""
    start = phrase(weight, f" is used at each of the {count(places, 'place')}")
    if met == places:
        return phrase(start, ", and meets one entry of the input there."), "of them"
    rest = "other" if places - met == 1 else "others"
    inside = f". At {count(met, 'of them', 'of them')} it meets one entry of the input, "
    return phrase(
        start, inside, f"at the {rest} the padding, which adds nothing."
    ), f"of these {count(met, 'place')}"


def lit(telling: Telling, chain: Chain) -> Figure | None:
    """Return the drawing of what a kernel weight meets; of a dense weight the network with its paths lit."""
    maps = maps_of(telling.graph)
    parameter = chain.target.value
    if parameter.whole == maps.kernel:
        return map_figures.met(telling, maps, parameter)
    if parameter.whole == maps.bias:
        return None
    return routes.DENSE.lit(telling, chain)


def by_arrays(telling: Telling, maps: Maps, what: Asked) -> Section:
    """Return the backward pass array by array, from the loss down to the kernel."""
    wanted = set(what.parameters)
    blocks: list[Block] = [*refused(what)]
    chain = layers(telling)
    if chain:
        blocks.append(paragraph(*definition(telling)))
        blocks += layer_sections(telling, wanted, 0, "The dense layer")
    inside = [*arriving(telling, maps)]
    if wanted & {maps.kernel, maps.bias, maps.input}:
        if maps.pooled is not None:
            inside += unpooled(telling, maps, maps.pooled)
        inside += through_activation(telling, maps)
        blocks.append(Section(phrase("The maps"), tuple(inside), 2))
        blocks.append(Section(phrase(kernel_title(maps, wanted)), tuple(at_kernel(telling, maps, wanted)), 2))
    return Section(phrase("Backward pass"), tuple(blocks))
