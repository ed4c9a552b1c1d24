"""The report in a real JupyterLab and as a page from the disk: a click on a number shows the images behind it."""

import numpy as np
import pytest
from playwright.sync_api import expect

import tl_toolkit as tl
from tl_toolkit.report import make_report, write_report

# Pictures of three kinds, each of one brightness, and answers that are wrong for two of the first and one of the third.
SETUP = """
import keras, numpy as np, tl_toolkit as tl
L = keras.layers
y = np.repeat([0, 1, 2], 20)
x = np.ones((60, 16, 16, 3), "float32") * (np.array([0.1, 0.5, 0.9])[y] + np.linspace(0, 0.05, 60))[:, None, None, None]
y[[0, 5]], y[45] = 2, 1
model = keras.Sequential([keras.Input((16, 16, 3)), L.GlobalAveragePooling2D(), L.Dense(3, activation="softmax")])
centres = np.array([0.1, 0.5, 0.9]) + 0.025
model.layers[-1].set_weights([np.tile(200 * centres, (3, 1)) / 3, -100 * centres**2])
names = ["dark", "<b>grey</b>", "bright"]
"""
SHOW = "report = tl.Report(model, (x, y), class_names=names, title='Brightness', resamples=20); report"

BESIDE = """
run, other = (tl.fine_tune(model, (x, y), recipe="full", epochs=n, monitor="silent") for n in (2, 4))
tl.Report(run, (x, y), class_names=names, runs={"<i>longer": other}, resamples=20)
"""


@pytest.fixture(scope="module")
def task():
    scope = {}
    exec(SETUP, scope)  # noqa: S102 (the cell of the notebook, above)
    return scope


def test_a_click_on_a_cell_shows_the_images_behind_it(lab, task):
    notebook = lab.open([SETUP, SHOW], height=1400)
    notebook.run_all()
    notebook.wait_idle()
    report = notebook.output(1).locator(".tl-report")
    cell = report.get_by_role("button", name="true bright, predicted dark: 2 samples")
    behind = report.get_by_role("region", name="samples behind the cell")
    expect(behind).to_be_hidden()
    cell.click()
    expect(behind.get_by_role("img")).to_have_count(2)
    alts = {image.get_attribute("alt") for image in behind.get_by_role("img").all()}
    assert alts == {f"sample {i}: true bright, predicted dark" for i in (0, 5)}
    shown = [brightness(image) for image in behind.get_by_role("img").all()]
    truth = sorted(255 * task["x"][i].mean() for i in (0, 5))
    assert np.allclose(sorted(shown), truth, atol=3), "the pictures are those of the samples"
    notebook.screenshot("report-light")
    cell.press("ArrowRight")
    expect(report.get_by_role("button", name="true bright, predicted <b>grey</b>")).to_be_focused()
    cell.click()
    expect(behind).to_be_hidden()
    assert report.get_by_role("rowheader", name="<b>grey</b>").first.is_visible(), "a class name is text, not markup"
    notebook.theme("dark")
    cell.click()
    expect(behind.get_by_role("img")).to_have_count(2)
    notebook.screenshot("report-dark")


def test_the_report_fits_a_narrow_page(lab):
    notebook = lab.open([SETUP, SHOW], width=620, height=1400)
    notebook.run_all()
    notebook.wait_idle()
    root = notebook.output(1).locator(".tl-report")
    root.wait_for()
    assert root.evaluate("root => root.scrollWidth <= root.clientWidth + 1")
    notebook.screenshot("report-narrow")


def test_runs_are_shown_beside_each_other(lab):
    notebook = lab.open([SETUP, BESIDE], height=2600)
    notebook.run_all()
    notebook.wait_idle()
    report = notebook.output(1).locator(".tl-report")
    beside = report.get_by_role("region", name="Comparison of runs")
    expect(beside.get_by_role("rowheader", name="<i>longer")).to_be_visible()
    expect(beside.get_by_role("rowheader", name="this run")).to_be_visible()
    curves = beside.get_by_role("img").all()
    assert curves and all(image.evaluate("image => image.naturalWidth > 0") for image in curves)
    assert report.evaluate("root => root.scrollWidth <= root.clientWidth + 1")
    notebook.screenshot("report-runs")


def test_the_page_from_disk_shows_the_same_without_a_network(request, task, tmp_path):
    content = make_report(task["model"], (task["x"], task["y"]), class_names=task["names"], resamples=20)
    path = write_report(content, tmp_path / "report.html")
    context = request.getfixturevalue("_launch")().new_context(offline=True, java_script_enabled=False)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    images = page.locator("#cell-2-0").get_by_role("img")
    expect(images.first).to_be_hidden()
    page.get_by_role("link", name="true bright, predicted dark: 2 samples").click()
    expect(images).to_have_count(2)
    expect(images.first).to_be_visible()
    alts = {image.get_attribute("alt") for image in images.all()}
    assert alts == {f"sample {i}: true bright, predicted dark" for i in (0, 5)}
    assert page.locator("#cell-0-0").is_hidden()
    assert all(url.startswith(("file:", "data:")) for url in asked)
    context.close()


def brightness(image) -> float:
    """The mean brightness of a picture as the browser draws it, 0 to 255."""
    return image.evaluate("""image => {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 1;
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0, 1, 1);
        return context.getImageData(0, 0, 1, 1).data[1];
    }""")


def test_a_report_of_ten_thousand_images_stays_small(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.random((10_000, 48, 48, 3), dtype="float32"), rng.integers(10, size=10_000)
    import keras

    layers = [
        keras.Input((48, 48, 3)),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(10, activation="softmax"),
    ]
    report = tl.Report(keras.Sequential(layers), (x, y), resamples=20)
    size = report.save(tmp_path / "report.html").stat().st_size
    print(f"{size / 1e6:.2f} MB")
    assert size <= 3e6 and len(str(report._report)) <= 3e6
