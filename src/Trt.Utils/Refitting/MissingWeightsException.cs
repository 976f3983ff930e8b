namespace Trt.Utils;

/// <summary>An engine cannot be refitted because weights are missing: of those that it needs, or of those that a source should have had.</summary>
public sealed class MissingWeightsException : Exception
{
    internal MissingWeightsException(string message, IReadOnlyList<string> missing)
        : base(message) => Missing = missing;

    /// <summary>The engine's names of what is missing; of weights without a name the layer and the role, as in <c>conv1 (Kernel)</c>.</summary>
    public IReadOnlyList<string> Missing { get; }
}
