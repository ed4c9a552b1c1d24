"""Transfer learning in Keras 3 from a notebook: pick what to freeze, watch it train, prove that it helped."""

__version__ = "0.1.0"

import importlib

_HOME = {
    "Advisor": "widgets.advisor",
    "CacheOptions": "cache_options",
    "Comparison": "comparison",
    "Evaluation": "evaluation",
    "Finding": "linting",
    "FreezePlan": "freeze",
    "LayerPicker": "widgets.layer_picker",
    "LayerTree": "graph",
    "LearningRateSweep": "lrfind",
    "Phase": "phase",
    "Predictor": "predictor",
    "Recipe": "recipes",
    "Report": "widgets.report",
    "Run": "run",
    "Schedule": "schedules",
    "Studio": "studio",
    "TrainingMonitor": "widgets.training_monitor",
    "attach": "widgets.attach",
    "compare_with_baselines": "baselines",
    "evaluate": "evaluation",
    "export_run": "export",
    "find_learning_rate": "lrfind",
    "fine_tune": "train",
    "layer_tree": "graph",
    "lint": "linting",
    "model_soup": "average",
    "prove_frozen": "proof",
    "rank_sources": "source_ranking",
    "replace_head": "heads",
    "resume": "resuming",
    "suggest_recipe": "advise",
    "train_source": "train",
    "wise_ft": "average",
    "wise_ft_curve": "average",
}
_MODULES = (
    "core",
    "cut",
    "data",
    "evaluation",
    "events",
    "export",
    "feature_store",
    "freeze",
    "graph",
    "heads",
    "linting",
    "objectives",
    "patterns",
    "proof",
    "recipes",
    "records",
    "samples",
    "schedules",
    "train",
    "transferability",
)

__all__ = sorted([*_HOME, *_MODULES])


def __getattr__(name):
    """Loads a public name when it is first used, so that `import tl_toolkit` loads neither Keras nor a widget."""
    if name in _HOME:
        value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    elif name in _MODULES:
        value = importlib.import_module(f"{__name__}.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return __all__
