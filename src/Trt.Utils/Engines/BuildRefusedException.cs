namespace Trt.Utils;

/// <summary>A build was refused before it began: options that the library cannot fulfil, or that do not fit the network.</summary>
public sealed class BuildRefusedException : Exception
{
    /// <summary>A refusal.</summary>
    /// <param name="reasons">A sentence for each option: what was asked, why it cannot be, what to do.</param>
    public BuildRefusedException(params IReadOnlyList<string> reasons)
        : base(string.Join(Environment.NewLine, reasons ?? throw new ArgumentNullException(nameof(reasons))))
    {
        Reasons = reasons;
    }

    /// <summary>A sentence for each option that was refused.</summary>
    public IReadOnlyList<string> Reasons { get; }
}
