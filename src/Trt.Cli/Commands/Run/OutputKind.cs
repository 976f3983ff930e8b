namespace Trt.Cli.Commands.Run;

/// <summary>What is made of an output.</summary>
internal enum OutputKind
{
    /// <summary>Extents and the range of the values.</summary>
    Raw,

    /// <summary>The most probable class: scores that are no probabilities go through softmax.</summary>
    Class,

    /// <summary>The class with the greatest value, and the value.</summary>
    Argmax,

    /// <summary>The greatest values.</summary>
    TopK,

    /// <summary>The most probable classes, after softmax.</summary>
    Softmax,

    /// <summary>All classes whose probability, after 1 / (1 + exp(-x)), reaches the threshold.</summary>
    Sigmoid,

    /// <summary>The class with the greatest value of each row: tokens.</summary>
    Rows,

    /// <summary>The class of each pixel.</summary>
    Mask,

    /// <summary>Pixels.</summary>
    Picture,

    /// <summary>A picture of the greatest value at each place, black to white from the least to the greatest.</summary>
    Heat,

    /// <summary>Boxes after non-maximum suppression, of one or two outputs together.</summary>
    Boxes,

    /// <summary>Boxes of scores and deltas for anchors, of all levels together.</summary>
    Anchors,
}
