namespace Trt.Cpu;

/// <summary>How far shape inference is with a layer.</summary>
internal enum LayerState
{
    /// <summary>Nothing is known, or it changed since.</summary>
    Stale,

    /// <summary>Its inputs are being looked at.</summary>
    Visiting,

    /// <summary>Its outputs have shapes.</summary>
    Shaped,

    /// <summary>It, or a layer before it, cannot be shaped.</summary>
    Failed,
}
