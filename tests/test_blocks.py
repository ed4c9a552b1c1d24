"""Blocks are what a person would call blocks, in every network of `keras.applications` and in others."""

import re

import hand_made
import pytest
from applications import make, networks

import tl_toolkit as tl
from tl_toolkit.graph import layer_tree

QUICK = ("MobileNet", "MobileNetV2", "ResNet50", "ConvNeXtTiny", "DenseNet121", "InceptionV3", "VGG16")

# What the papers call blocks, modules or cells (stem, transitions and top left out): how they are named, and how many.
EXPECTED = {
    "ConvNeXt(Tiny)": (r"convnext_tiny_stage_\d_block_\d", 3 + 3 + 9 + 3),
    "ConvNeXt(Small|Base|Large|XLarge)": (r"convnext_\w+_stage_\d_block_\d+", 3 + 3 + 27 + 3),
    "DenseNet121": (r"conv\d_block\d+", 6 + 12 + 24 + 16),
    "DenseNet169": (r"conv\d_block\d+", 6 + 12 + 32 + 32),
    "DenseNet201": (r"conv\d_block\d+", 6 + 12 + 48 + 32),
    "EfficientNetB0": (r"block\d[a-z]", 16),
    "EfficientNetB[12]": (r"block\d[a-z]", 23),
    "EfficientNetB3": (r"block\d[a-z]", 26),
    "EfficientNetB4": (r"block\d[a-z]", 32),
    "EfficientNetB5": (r"block\d[a-z]", 39),
    "EfficientNetB6": (r"block\d[a-z]", 45),
    "EfficientNetB7": (r"block\d[a-z]", 55),
    "EfficientNetV2B0": (r"block\d[a-z]", 1 + 2 + 2 + 3 + 5 + 8),
    "EfficientNetV2B1": (r"block\d[a-z]", 2 + 3 + 3 + 4 + 6 + 9),
    "EfficientNetV2B2": (r"block\d[a-z]", 2 + 3 + 3 + 4 + 6 + 10),
    "EfficientNetV2B3": (r"block\d[a-z]", 2 + 3 + 3 + 5 + 7 + 12),
    "EfficientNetV2S": (r"block\d[a-z]", 2 + 4 + 4 + 6 + 9 + 15),
    "EfficientNetV2M": (r"block\d[a-z]", 3 + 5 + 5 + 7 + 14 + 18 + 5),
    "EfficientNetV2L": (r"block\d[a-z]+", 4 + 7 + 7 + 10 + 19 + 25 + 7),
    "InceptionResNetV2": (r"block(35|17|8)_\d+|mixed_5b|mixed_6a|mixed_7a", 10 + 20 + 10 + 3),
    "InceptionV3": (r"mixed\d+", 11),
    "MobileNet": (r"conv_\d+", 13),
    "MobileNetV2": (r"expanded_conv|block_\d+", 17),
    "MobileNetV3Small": (r"expanded_conv(_\d+)?", 11),
    "MobileNetV3Large": (r"expanded_conv(_\d+)?", 15),
    "NASNetMobile": (r"(block|reduce|stem)_\d+", 3 * 4 + 2 + 2),
    "NASNetLarge": (r"(block|reduce|stem)_\d+", 3 * 6 + 2 + 2),
    "ResNet50(V2)?": (r"conv\d_block\d+", 3 + 4 + 6 + 3),
    "ResNet101(V2)?": (r"conv\d_block\d+", 3 + 4 + 23 + 3),
    "ResNet152(V2)?": (r"conv\d_block\d+", 3 + 8 + 36 + 3),
    "VGG(16|19)": (r"block\d", 5),
    "Xception": (r"block\d+", 14),
}
BESIDE = re.compile(r"stem|top|head|\w+_stem|pool\d|\w+_downsampling_block_\d")


@pytest.mark.parametrize("name", networks(QUICK))
def test_blocks_of_a_network(name):
    tree = layer_tree(make(name, include_top=True))
    print(tree)
    pattern, count = next(found for key, found in EXPECTED.items() if re.fullmatch(key, name))
    blocks = [block.split("/")[-1] for block in tree.blocks]
    assert len([block for block in blocks if re.fullmatch(pattern, block)]) == count
    assert not [block for block in blocks if not re.fullmatch(pattern, block) and not BESIDE.fullmatch(block)]
    assert blocks[0] == "stem"
    assert blocks[-1] == "head"
    assert len([x for x in tree.head if x.weights]) == 1
    assert sum(x.params for x in tree) == tree.params > 0


@pytest.mark.parametrize(
    ("make_model", "last"),
    [
        (lambda: make("ResNet50V2", classes=4), "conv5_block3"),
        (lambda: hand_made.vit()[0], "encoder_3"),
    ],
)
def test_the_last_block_is_more_than_a_normalisation(make_model, last):
    model = make_model()
    trained = tl.FreezePlan.last(1, "blocks").resolve(model).trainable
    assert set(tl.FreezePlan.head_only().resolve(model).trainable) < set(trained)
    assert any(last in path for path in trained)
