"""Small models of every kind that is not in `keras.applications`, each with data that it can learn.

A model comes with a batch of inputs and labels; its last layer, the head, answers one of four classes.
"""

import keras
import numpy as np
from keras import layers

CLASSES, BATCH = 4, 8


def labels() -> np.ndarray:
    """Two samples of each class."""
    return np.arange(BATCH) % CLASSES


def images(size: int, seed: int = 0) -> np.ndarray:
    """Noise between 0 and 255; each class has a brightness, a colour and a corner of its own."""
    rng, half = np.random.default_rng(seed), size // 2
    pixels = rng.uniform(0, 60, (BATCH, size, size, 3))
    for image, label in zip(pixels, labels(), strict=True):
        top, left = half * (label // 2), half * (label % 2)
        image += 30 * label
        image[top : top + half, left : left + half, label % 3] += 100
    return pixels.astype("float32")


def head(x):
    return layers.Dense(CLASSES, activation="softmax", name="head")(x)


def conv_blocks(x, first: int, last: int):
    for i in range(first, last + 1):
        x = layers.Conv2D(8, 3, padding="same", name=f"block_{i}_conv")(x)
        x = layers.BatchNormalization(name=f"block_{i}_norm")(x)
        x = layers.ReLU(name=f"block_{i}_relu")(x)
    return x


def conv_backbone(name: str = "backbone", blocks: int = 4) -> keras.Model:
    pixels = keras.Input((16, 16, 3), name="pixels")
    x = conv_blocks(layers.Rescaling(1 / 255, name="rescaling")(pixels), 1, blocks)
    return keras.Model(pixels, layers.GlobalAveragePooling2D(name="pool")(x), name=name)


def sequential():
    """Three Dense layers on numbers."""
    inputs = [keras.Input((100,)), layers.Dense(64, "relu"), layers.Dense(64, "relu")]
    model = keras.Sequential([*inputs, layers.Dense(CLASSES, "softmax", name="head")])
    return model, np.random.default_rng(0).normal(size=(BATCH, 100)).astype("float32")


def nested():
    """A backbone in a model in a model, with an augmentation before and a dropout after it."""
    image = keras.Input((16, 16, 3), name="image")
    middle = keras.Model(image, conv_backbone()(image), name="middle")
    photo = keras.Input((16, 16, 3), name="photo")
    x = layers.Dropout(0.1, name="dropout")(middle(layers.RandomFlip(name="flip")(photo)))
    return keras.Model(photo, head(x), name="nested"), images(16)


def shared():
    """A convolution and a BatchNormalization that are each called three times."""
    pixels = keras.Input((16, 16, 3), name="pixels")
    x = conv_blocks(layers.Rescaling(1 / 255, name="rescaling")(pixels), 1, 2)
    conv, norm = layers.Conv2D(8, 3, padding="same", name="shared_conv"), layers.BatchNormalization(name="shared_norm")
    for i in range(3):
        x = layers.ReLU(name=f"shared_relu_{i}")(norm(conv(x)))
    x = conv_blocks(x, 3, 4)
    return keras.Model(pixels, head(layers.GlobalAveragePooling2D(name="pool")(x)), name="shared"), images(16)


def siamese():
    """One encoder for two named inputs."""
    encoder = conv_backbone("encoder")
    left, right = (keras.Input((16, 16, 3), name=name) for name in ("left", "right"))
    joined = layers.Concatenate(name="join")([encoder(left), encoder(right)])
    model = keras.Model({"left": left, "right": right}, head(joined), name="siamese")
    return model, {"left": images(16, seed=1), "right": images(16, seed=2)}


class ResidualBlock(layers.Layer):
    """Two convolutions beside a shortcut, and a weight of its own."""

    def __init__(self, width, **options):
        super().__init__(**options)
        self.first, self.second = (layers.Conv2D(width, 3, padding="same", name=name) for name in ("first", "second"))
        self.norm = layers.BatchNormalization(name="norm")

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")
        self.first.build(shape)
        self.norm.build(shape)
        self.second.build(shape)

    def call(self, x, training=None):
        inner = keras.ops.relu(self.norm(self.first(x), training=training))
        return x + self.scale * self.second(inner)


class OwnModel(keras.Model):
    """A subclass of `keras.Model`, which has no graph."""

    def __init__(self):
        super().__init__(name="subclassed")
        self.rescaling, self.stem = layers.Rescaling(1 / 255), layers.Conv2D(8, 3, padding="same", name="stem")
        self.blocks = [ResidualBlock(8, name=f"block_{i}") for i in range(1, 4)]
        self.pool, self.dropout = layers.GlobalAveragePooling2D(name="pool"), layers.Dropout(0.1, name="dropout")
        self.answer = layers.Dense(CLASSES, activation="softmax", name="head")

    def call(self, x, training=None):
        x = self.stem(self.rescaling(x))
        for block in self.blocks:
            x = block(x, training=training)
        return self.answer(self.dropout(self.pool(x), training=training))


def subclassed():
    model, x = OwnModel(), images(16)
    model(x)
    return model, x


class PositionAndClass(layers.Layer):
    """Puts a class token before the patches, and adds positions."""

    def build(self, shape):
        self.token = self.add_weight(shape=(1, 1, shape[-1]), initializer="glorot_uniform", name="token")
        self.position = self.add_weight(
            shape=(1, shape[1] + 1, shape[-1]), initializer="glorot_uniform", name="position"
        )

    def call(self, x):
        token = keras.ops.broadcast_to(self.token, (keras.ops.shape(x)[0], 1, x.shape[-1]))
        return keras.ops.concatenate([token, x], axis=1) + self.position

    def compute_output_shape(self, shape):
        return (shape[0], shape[1] + 1, shape[2])


def vit():
    """Patches, a class token, three transformer blocks."""
    pixels = keras.Input((16, 16, 3), name="pixels")
    x = layers.Conv2D(16, 4, 4, name="patches")(layers.Rescaling(1 / 255, name="rescaling")(pixels))
    x = PositionAndClass(name="embedding")(layers.Reshape((16, 16), name="sequence")(x))
    for i in range(1, 4):
        name = f"encoder_{i}"
        y = layers.LayerNormalization(name=f"{name}_norm_1")(x)
        y = layers.MultiHeadAttention(2, 8, dropout=0.1, name=f"{name}_attention")(y, y)
        x = layers.Add(name=f"{name}_add_1")([x, y])
        y = layers.Dense(32, activation="gelu", name=f"{name}_dense_1")(
            layers.LayerNormalization(name=f"{name}_norm_2")(x)
        )
        y = layers.Dropout(0.1, name=f"{name}_dropout")(layers.Dense(16, name=f"{name}_dense_2")(y))
        x = layers.Add(name=f"{name}_add_2")([x, y])
    x = layers.LayerNormalization(name="norm")(x)
    return keras.Model(pixels, head(layers.Lambda(lambda t: t[:, 0], name="class_token")(x)), name="vit"), images(16)


def lstm():
    """Words of which some are masked, through a bidirectional and a plain LSTM."""
    words = keras.Input((12,), dtype="int32", name="words")
    x = layers.Embedding(40, 16, keras.initializers.RandomNormal(stddev=3), mask_zero=True, name="embedding")(words)
    x = layers.Bidirectional(layers.LSTM(12, return_sequences=True, dropout=0.1), name="both_ways")(x)
    x = layers.LSTM(12, name="one_way")(x)
    rng, lengths = np.random.default_rng(0), np.arange(BATCH) + 5
    text = rng.integers(1, 40, (BATCH, 12)) * (np.arange(12) < lengths[:, None])
    return keras.Model(words, head(x), name="lstm"), text.astype("int32")


def keras_hub_resnet():
    """A ResNet of KerasHub, built from a small configuration."""
    import keras_hub

    backbone = keras_hub.models.ResNetBackbone(
        input_conv_filters=[64], input_conv_kernel_sizes=[3], stackwise_num_filters=[64, 64],
        stackwise_num_blocks=[2, 2], stackwise_num_strides=[1, 2], block_type="basic_block", image_shape=(32, 32, 3),
    )  # fmt: skip
    image = keras.Input((32, 32, 3), name="image")
    x = layers.Rescaling(1 / 255, name="rescaling")(image)
    x = layers.GlobalAveragePooling2D(name="pool")(backbone(x))
    return keras.Model(image, head(x), name="keras_hub_resnet"), images(32)


def keras_hub_bert():
    """A BERT of KerasHub, built from a small configuration."""
    import keras_hub

    backbone = keras_hub.models.BertBackbone(
        vocabulary_size=40, num_layers=3, num_heads=2, hidden_dim=16, intermediate_dim=32, max_sequence_length=12
    )
    for variable in backbone.trainable_variables:
        if variable.name in ("kernel", "embeddings"):  # they begin at a fiftieth
            variable.assign(10 * variable)
    words = lstm()[1]
    x = {"token_ids": words, "padding_mask": (words > 0).astype("int32"), "segment_ids": np.zeros_like(words)}
    inputs = {name: keras.Input((12,), dtype="int32", name=name) for name in x}
    return keras.Model(inputs, head(backbone(inputs)["pooled_output"]), name="keras_hub_bert"), x


KINDS = (sequential, nested, shared, siamese, subclassed, vit, lstm)
KERAS_HUB = (keras_hub_resnet, keras_hub_bert)
