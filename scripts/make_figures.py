"""Make the figures of the documentation from the sample data, with the product itself.

`python -m scripts.make_figures` writes docs/figures/*.png. map.png is a photograph of the demo,
served for the moment and opened in Debian's Chromium; the others are drawn with matplotlib.
"""

import argparse
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import h3
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from PIL import Image
from playwright.sync_api import sync_playwright

from geo.geocode import default_geocoder
from sales.accounts import read_accounts
from sales.design import design
from sales.plan import PlanBundle
from sales.request import DesignRequest
from sales.roster import located_reps, read_roster

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs" / "figures"
SAMPLES = ROOT / "data" / "samples"
# Okabe and Ito's palette, safe for colour-blind people, paled for labels to be read
COLORS = (
    "#f0c566", "#9ad2f2", "#66c5ab", "#f6ef8e", "#66aad1", "#e69e66", "#e0afca", "#c2c2c2",
)  # fmt: skip
LOWER_48 = [[24.0, -125.5], [50.0, -66.5]]
DEMO_READY_S = 300


def oeresund_plan() -> PlanBundle:
    """Eight territories in Denmark and southern Sweden."""
    geocoder = default_geocoder()
    accounts = read_accounts(SAMPLES / "oeresund" / "accounts.csv")
    reps, _ = located_reps(read_roster(SAMPLES / "oeresund" / "reps.csv"), geocoder)
    return design(accounts, DesignRequest(reps=reps, resolution=5), geocoder=geocoder)


def pipeline(plan: PlanBundle) -> Figure:
    """Accounts, the cells they fall into, and the territories that the cells make."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
    cells = plan.units["cell"].tolist()
    potential = plan.units["potential"].to_numpy()
    placed = plan.assignments[plan.assignments["territory_id"] != ""]

    draw_cells(left, cells, ["#f3f3f0"] * len(cells), edge="none")
    left.scatter(placed["lng"], placed["lat"], s=5, color="#1f3b57", linewidths=0)
    left.set_title(f"{len(placed)} accounts, located")

    shade = mpl.colormaps["YlGnBu"](np.sqrt(potential / potential.max()))
    shade[potential == 0] = (0.95, 0.95, 0.94, 1.0)
    draw_cells(middle, cells, shade, edge="white")
    middle.set_title(f"{len(cells)} cells, weighed by potential")

    draw_territories(right, plan)
    count = len(plan.document["territories"])
    right.set_title(f"{count} contiguous territories, even in potential")
    for axis in (left, middle, right):
        frame(axis, cells)
    return figure


def contiguity(plan: PlanBundle) -> Figure:
    """Cells that touch, and the bridges that stand in for ferries."""
    figure, axis = plt.subplots(figsize=(9, 6.6), layout="constrained")
    cells = plan.units["cell"].tolist()
    color = territory_colors(plan)
    draw_cells(axis, cells, [color[t] for t in plan.units["territory_id"]], edge="white")
    there = set(cells)
    touching = [(c, n) for c in cells for n in h3.grid_disk(c, 1) if n in there and c < n]
    for a, b in touching:
        (a_lat, a_lng), (b_lat, b_lng) = h3.cell_to_latlng(a), h3.cell_to_latlng(b)
        axis.plot([a_lng, b_lng], [a_lat, b_lat], color="#333333", linewidth=0.5, alpha=0.6)
    for bridge in plan.bridges.itertuples():
        (a_lat, a_lng) = h3.cell_to_latlng(str(bridge.cell_a))
        (b_lat, b_lng) = h3.cell_to_latlng(str(bridge.cell_b))
        axis.plot([a_lng, b_lng], [a_lat, b_lat], color="black", linewidth=2.2, linestyle="--")
        axis.annotate(
            f"bridge, {float(str(bridge.km)):.0f} km", ((a_lng + b_lng) / 2, (a_lat + b_lat) / 2),
            xytext=(6, 6), textcoords="offset points", fontsize=10, weight="bold",
        )  # fmt: skip
    frame(axis, cells)
    axis.set_title("Thin lines join cells that touch, dashed ones are bridges across water")
    return figure


def deviations(plan: dict[str, Any]) -> Figure:
    """Each territory's deviation: as the sample company sells today, and as designed."""
    accounts = read_accounts(SAMPLES / "us" / "accounts.csv").frame
    today = pd.read_csv(SAMPLES / "us" / "alignment.csv").drop_duplicates("account_id")
    owned = accounts[accounts["usable"]].merge(today, on="account_id")
    potential = owned.groupby("territory_id")["potential"].sum()
    reps = pd.read_csv(SAMPLES / "us" / "reps.csv").set_index("rep_id")["capacity"]
    rep_of = today.drop_duplicates("territory_id").set_index("territory_id")["rep_id"]
    share = reps.reindex(rep_of.reindex(potential.index)).fillna(1.0).to_numpy()
    before = potential.to_numpy() / (potential.sum() * share / share.sum()) - 1
    after = np.array([territory["deviation"] for territory in plan["territories"]])

    figure, axes = plt.subplots(2, 1, figsize=(10, 5.6), sharex=True, layout="constrained")
    for axis, values, title in (
        (axes[0], before, "Today, by state and initial"),
        (axes[1], after, "Designed, one territory per rep (another scale)"),
    ):
        within = np.abs(values) <= plan["tolerance"]["potential"]
        axis.bar(
            np.arange(len(values)), 100 * np.sort(values),
            color=np.where(within[np.argsort(values)], "#0072B2", "#D55E00"),
        )  # fmt: skip
        axis.axhspan(-5, 5, color="#0072B2", alpha=0.12, linewidth=0)
        axis.axhline(0, color="black", linewidth=0.8)
        axis.set_ylabel("deviation, %")
        axis.set_title(f"{title}: largest {np.abs(values).max():.1%}", loc="left", fontsize=11)
        axis.spines[["top", "right"]].set_visible(False)
    axes[1].set_ylim(-6, 6)
    axes[1].set_xlabel("territories by deviation; the band is the tolerance of 5 %")
    axes[1].set_xticks([])
    return figure


def draw_cells(axis: Axes, cells: list[str], colors: Any, *, edge: str) -> None:
    rings = [np.array(h3.cell_to_boundary(cell))[:, ::-1] for cell in cells]
    axis.add_collection(PolyCollection(rings, facecolors=colors, edgecolors=edge, linewidths=0.4))


def draw_territories(axis: Axes, plan: PlanBundle) -> None:
    areas = gpd.GeoDataFrame.from_features(plan.outlines["features"], crs="EPSG:4326")
    color = territory_colors(plan)
    areas.plot(ax=axis, color=[color[t] for t in areas["id"]], edgecolor="white", linewidth=1)
    for _, area in areas.iterrows():
        point = area.geometry.representative_point()
        axis.annotate(
            area["name"], (point.x, point.y), ha="center", va="center", fontsize=8,
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )  # fmt: skip


def territory_colors(plan: PlanBundle) -> dict[str, str]:
    ids = [territory["id"] for territory in plan.document["territories"]]
    return dict(zip(ids, COLORS, strict=True))


def frame(axis: Axes, cells: list[str]) -> None:
    lat, lng = np.array([h3.cell_to_latlng(cell) for cell in cells]).T
    axis.set(xlim=(lng.min() - 0.3, lng.max() + 0.3), ylim=(lat.min() - 0.2, lat.max() + 0.2))
    axis.set_aspect(1 / np.cos(np.radians(lat.mean())))
    axis.set_axis_off()


def photograph_demo(folder: Path, picture: Path) -> dict[str, Any]:
    """Serve the demo, photograph its map at 1400 by 900, and return its plan."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("chromium is missing: apt-get install chromium")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "app.cli.main", "demo", "--port", port, "--out", str(folder)]
    service = subprocess.Popen(command, cwd=ROOT)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/healthz", service)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.goto(f"{url}/v1/plans/pl_demo/map", wait_until="networkidle")
            page.evaluate(
                "bounds => Object.values(window).find(v => v instanceof L.Map)"
                ".fitBounds(bounds, {paddingTopLeft: [350, 0], animate: false})",
                LOWER_48,
            )
            page.wait_for_timeout(3000)
            page.screenshot(path=picture)
            browser.close()
        shrink(picture)
    finally:
        service.terminate()
        service.wait(20)
    plan: dict[str, Any] = json.loads((folder / "plan" / "plan.json").read_text("utf-8"))
    return plan


def wait_for(url: str, service: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + DEMO_READY_S
    while time.monotonic() < end and service.poll() is None:
        try:
            with urllib.request.urlopen(url):
                return
        except urllib.error.URLError:
            time.sleep(0.5)
    raise SystemExit("the demo did not come up")


def save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
    shrink(path)


def shrink(picture: Path) -> None:
    """Keep 256 colours: a third of the bytes, and no difference that an eye would find."""
    Image.open(picture).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
        picture, optimize=True
    )


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    mpl.use("Agg")
    FIGURES.mkdir(parents=True, exist_ok=True)
    plan = oeresund_plan()
    save(pipeline(plan), FIGURES / "pipeline.png")
    save(contiguity(plan), FIGURES / "contiguity.png")
    with TemporaryDirectory() as folder:
        demo = photograph_demo(Path(folder), FIGURES / "map.png")
    save(deviations(demo), FIGURES / "deviations.png")


if __name__ == "__main__":
    main()
