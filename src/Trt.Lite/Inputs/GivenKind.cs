namespace Trt.Lite;

/// <summary>The form in which inputs were given, and in which results come back.</summary>
internal enum GivenKind
{
    /// <summary>One sample.</summary>
    Sample,

    /// <summary>One batch.</summary>
    Batch,

    /// <summary>A list of samples.</summary>
    Samples,

    /// <summary>A list of batches.</summary>
    Batches,
}
