namespace Trt.Utils;

/// <summary>Whether tactics for weights with two zeros in each four are tried.</summary>
public enum Sparsity
{
    /// <summary>No.</summary>
    Disable,

    /// <summary>For weights that have the pattern.</summary>
    Enable,

    /// <summary>Weights are overwritten to have the pattern: for measuring speed only, results are wrong.</summary>
    Force,
}
