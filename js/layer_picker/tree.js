// @ts-check
// The structure of a model: sent once by Python as columns of JSON, read here into typed arrays.
//
// A node is a container (a nested model or custom layer), a block (layers that a person names together) or a layer.
// Nodes are numbered in the order of the rows, parents before children, so that a subtree is a range of numbers.
// Layers are numbered besides, in the order in which data flows: the order of `tl_toolkit.graph.layer_tree`.

export const CONTAINER = 0;
export const BLOCK = 1;
export const LAYER = 2;

/** Flags of a layer: it normalises by batch statistics; it belongs to the head. */
export const BATCHNORM = 1;
export const HEAD = 2;

/**
 * What Python sends.
 * @typedef {object} Structure
 * @property {number} version
 * @property {string} model name of the model
 * @property {string} kinds one character a node: `c`, `b` or `l`
 * @property {number[]} levels depth of each node, 0 at the top
 * @property {string[]} names
 * @property {string[]} classes the class names that occur
 * @property {string[]} shapes the output shapes that occur, as texts
 * @property {number[]} class_of index into `classes`, -1 for none
 * @property {number[]} shape_of index into `shapes`, -1 for none
 * @property {number[]} layer_of number of the layer in the order of the data, -1 for containers and blocks
 * @property {number[]} params how many numbers the weights of each layer hold (0 for containers and blocks)
 * @property {number[]} updatable how many of them an optimizer would update if the layer were trainable
 * @property {number[]} lora how many numbers LoRA would add to each layer for each rank, 0 where it cannot be
 * @property {number[]} flags of each layer
 * @property {number[]} uses how many times the model calls each layer
 * @property {number[]} block_of number of each layer's block, counted in the order of the data
 * @property {number[][]} body_blocks the blocks of the body that hold weights; those in one list count as one
 */

/**
 * @typedef {object} Tree
 * @property {string} model
 * @property {number} size number of nodes
 * @property {number} layers number of layers
 * @property {number} blocks number of blocks that hold weights
 * @property {Uint8Array} kind
 * @property {Uint8Array} level
 * @property {Int32Array} parent the node above, -1 at the top
 * @property {Int32Array} end number after the last node below (the node itself included)
 * @property {Int32Array} position 1 for the first of its siblings
 * @property {Int32Array} siblings how many there are
 * @property {string[]} name
 * @property {string[]} label accessible name: the name, or the path where names repeat
 * @property {string[]} path
 * @property {string[]} className
 * @property {string[]} shape
 * @property {Int32Array} layerOf
 * @property {Int32Array} nodeOf the node of each layer
 * @property {Float64Array} params of each node with all below
 * @property {Float64Array} updatable of each node with all below
 * @property {Float64Array} lora how many numbers LoRA adds for each rank, to each node with all below
 * @property {Int32Array} layersIn how many layers are in each node, itself included
 * @property {Uint8Array} flags
 * @property {Uint16Array} uses
 * @property {Int32Array} blockOf block of each layer, by the layer's number
 * @property {number[][]} bodyBlocks the blocks of the body that hold weights, from input to output; those in one list count as one
 */

/** Version of `Structure` that this code reads. */
export const VERSION = 3;

const KINDS = /** @type {Record<string, number>} */ ({ c: CONTAINER, b: BLOCK, l: LAYER });

/**
 * @param {Structure} structure
 * @returns {Tree}
 */
export function readTree(structure) {
  if (structure.version !== VERSION) {
    const versions = `received a structure of version ${structure.version}, expected ${VERSION}`;
    throw new Error(`${versions}: restart the kernel and reload the page`);
  }
  const size = structure.names.length;
  const kind = Uint8Array.from(structure.kinds, (letter) => KINDS[letter]);
  const level = Uint8Array.from(structure.levels);
  const { parent, end } = nest(level);
  const layerOf = Int32Array.from(structure.layer_of);
  /** @type {number[]} */
  const isLayer = Array.from(layerOf, (layer) => (layer >= 0 ? 1 : 0));
  const nodeOf = new Int32Array(isLayer.reduce((sum, one) => sum + one, 0));
  layerOf.forEach((layer, node) => {
    if (layer >= 0) nodeOf[layer] = node;
  });
  const blockOf = Int32Array.from(nodeOf, (node) => structure.block_of[node]);
  const path = paths(structure.names, kind, parent);
  return {
    model: structure.model,
    size,
    layers: nodeOf.length,
    blocks: new Set(blockOf.filter((_, layer) => structure.params[nodeOf[layer]] > 0)).size,
    kind,
    level,
    parent,
    end,
    ...siblings(parent),
    name: structure.names,
    label: labels(structure.names, path, kind),
    path,
    className: structure.class_of.map((index) => structure.classes[index] ?? ""),
    shape: shapes(structure, end),
    layerOf,
    nodeOf,
    params: sums(structure.params, parent),
    updatable: sums(structure.updatable, parent),
    lora: sums(structure.lora, parent),
    layersIn: Int32Array.from(sums(isLayer, parent)),
    flags: Uint8Array.from(structure.flags),
    uses: Uint16Array.from(structure.uses),
    blockOf,
    bodyBlocks: structure.body_blocks,
  };
}

/** @param {Uint8Array} level */
function nest(level) {
  const parent = new Int32Array(level.length).fill(-1);
  const end = new Int32Array(level.length);
  /** @type {number[]} */
  const open = [];
  for (let node = 0; node <= level.length; node += 1) {
    const depth = node < level.length ? level[node] : 0;
    while (open.length > depth) end[/** @type {number} */ (open.pop())] = node;
    if (node < level.length) {
      if (depth > 0) parent[node] = open[depth - 1];
      open.push(node);
    }
  }
  return { parent, end };
}

/** @param {Int32Array} parent */
function siblings(parent) {
  const position = new Int32Array(parent.length);
  const children = new Map();
  parent.forEach((above, node) => {
    children.set(above, (children.get(above) ?? 0) + 1);
    position[node] = children.get(above);
  });
  return { position, siblings: Int32Array.from(parent, (above) => children.get(above)) };
}

/** @param {string[]} names @param {Uint8Array} kind @param {Int32Array} parent */
function paths(names, kind, parent) {
  /** @type {string[]} */
  const out = [];
  names.forEach((name, node) => {
    let above = parent[node];
    while (above >= 0 && kind[above] !== CONTAINER) above = parent[above];
    out.push(above >= 0 ? `${out[above]}/${name}` : name);
  });
  return out;
}

/** @param {string[]} names @param {string[]} path @param {Uint8Array} kind */
function labels(names, path, kind) {
  const times = new Map();
  names.forEach((name, node) => kind[node] !== BLOCK && times.set(name, (times.get(name) ?? 0) + 1));
  return names.map((name, node) => {
    if (kind[node] === BLOCK) return times.has(name) ? `${path[node]} block` : name;
    return times.get(name) > 1 ? path[node] : name;
  });
}

/**
 * The output shapes; that of a block or container is that of its last layer.
 * @param {Structure} structure
 * @param {Int32Array} end
 */
function shapes(structure, end) {
  return Array.from(end, (after) => structure.shapes[structure.shape_of[after - 1]] ?? "");
}

/** @param {ArrayLike<number>} own @param {Int32Array} parent */
function sums(own, parent) {
  const out = Float64Array.from(own);
  for (let node = out.length - 1; node >= 0; node -= 1) {
    if (parent[node] >= 0) out[parent[node]] += out[node];
  }
  return out;
}

/**
 * The layers in a node, by their numbers.
 * @param {Tree} tree
 * @param {number} node
 */
export function layersOf(tree, node) {
  const out = [];
  for (let below = node; below < tree.end[node]; below += 1) {
    if (tree.layerOf[below] >= 0) out.push(tree.layerOf[below]);
  }
  return out;
}

/**
 * Whether the BatchNorm policy speaks of a layer: it holds statistics of the source. BatchNorm in the head is new.
 * @param {Tree} tree
 * @param {number} node
 */
export const holdsSourceStatistics = (tree, node) => (tree.flags[node] & (BATCHNORM | HEAD)) === BATCHNORM;

/** @param {Tree} tree @param {number} node */
export const hasChildren = (tree, node) => tree.end[node] > node + 1;
