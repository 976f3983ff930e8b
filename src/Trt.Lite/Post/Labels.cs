namespace Trt.Lite;

internal static class Labels
{
    /// <summary>The name of a class, if there are names and it has one.</summary>
    public static string? Of(IReadOnlyList<string>? labels, int index) => labels is not null && index < labels.Count ? labels[index] : null;
}
