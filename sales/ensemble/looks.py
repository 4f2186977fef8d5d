"""What is looked at in every map that is drawn."""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Float, Int, Int32
from geo.ensemble.sample import Look
from geo.measures.balance import deviations, loads
from geo.measures.compactness import cut_edges, rms_km, weighted_centers
from sales.ensemble.today import Today, rep_homes
from sales.ensemble.valid import Field

FIGURES = ("max_deviation", "mean_deviation", "rms_km", "cut_edges")


@dataclass(frozen=True, eq=False)
class Question:
    """Whose share is asked for: the territory at `homes` (h) and the owners of `books` (K, n).

    A share is what a territory holds of a measure, divided by its target.
    """

    homes: Int
    books: Float

    def width(self, measures: int) -> tuple[int, int]:
        """How many numbers the homes and the books have in each map."""
        return len(self.homes) * measures, len(self.books) * measures


def question_of(field: Field, today: Today) -> Question:
    """The homes of the plan's reps and the books of the territories judged."""
    _, units, _ = rep_homes(field)
    total = today.book.sum(axis=1, keepdims=True)
    weight = today.book * field.activity[:, 0]  # by worth: of each unit what is the territory's
    own = weight.sum(axis=1, keepdims=True)
    books = np.where(own > 0, weight / np.where(own > 0, own, 1.0), today.book / total.clip(1e-300))
    return Question(units, books)


def looker(field: Field, asked: Question) -> Look:
    """A function of labels: FIGURES, then the shares at the homes (h · q) and books (K · q)."""
    p, targets, activity = len(field.targets), field.targets, field.activity
    graph = field.market.graph
    heavy = np.flatnonzero(activity[:, 0] > 0)
    lat, lng, weight = field.board.lat[heavy], field.board.lng[heavy], activity[heavy, 0]
    some = np.flatnonzero((activity > 0).any(axis=1))
    held = activity[some]
    books = asked.books

    def look(labels: Int32) -> Float:
        load = loads(held, labels[some], p)
        off = np.abs(deviations(load[:, :1], targets[:, :1])[:, 0])
        own = labels[heavy]
        spread = rms_km(lat, lng, weight, own, weighted_centers(lat, lng, weight, own, p))
        share = load / np.where(targets > 0, targets, 1.0)
        figures = np.array([off.max(), off.mean(), spread, cut_edges(graph, labels)])
        return np.concatenate(
            [figures, share[labels[asked.homes]].ravel(), (books @ share[labels]).ravel()]
        )

    return look


def today_figures(field: Field, today: Today) -> Float:
    """FIGURES of the map that is judged; its balance by account, its shape by unit."""
    k = len(today.names)
    off = np.abs(deviations(today.load[:, :1], today.targets[:, :1])[:, 0])
    board, weight = field.board, field.activity[:, 0]
    centers = weighted_centers(board.lat, board.lng, weight, today.labels, k)
    spread = rms_km(board.lat, board.lng, weight, today.labels, centers)
    return np.array([off.max(), off.mean(), spread, cut_edges(board.graph, today.labels)])
