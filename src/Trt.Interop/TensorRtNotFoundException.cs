using System.Text;

namespace Trt.Interop;

/// <summary>A library was not found, could not be loaded, or is of a release that is not understood.</summary>
/// <remarks>The message lists the names tried, the folders searched, what was found there, and what to install.</remarks>
public sealed class TensorRtNotFoundException : Exception
{
    /// <summary>An exception with all that was tried.</summary>
    /// <param name="what">What was looked for, such as <c>TensorRT</c>.</param>
    /// <param name="names">File names tried.</param>
    /// <param name="folders">Folders searched, in order.</param>
    /// <param name="found">What was found and why it did not do: a path and a reason each.</param>
    /// <param name="remedy">What to install or to set.</param>
    public TensorRtNotFoundException(string what, IReadOnlyList<string> names, IReadOnlyList<string> folders, IReadOnlyList<string> found, string remedy)
        : base(Compose(what, names, folders, found, remedy))
    {
        Names = names;
        Folders = folders;
        Found = found;
    }

    /// <summary>An exception that says in a sentence what another one lists.</summary>
    /// <param name="message">What was not found, and what to do.</param>
    /// <param name="details">All that was tried.</param>
    public TensorRtNotFoundException(string message, TensorRtNotFoundException details)
        : base(message, details)
    {
        ArgumentNullException.ThrowIfNull(details);
        Names = details.Names;
        Folders = details.Folders;
        Found = details.Found;
    }

    /// <summary>File names tried.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Folders searched, in order.</summary>
    public IReadOnlyList<string> Folders { get; }

    /// <summary>What was found and why it did not do.</summary>
    public IReadOnlyList<string> Found { get; }

    private static string Compose(string what, IReadOnlyList<string> names, IReadOnlyList<string> folders, IReadOnlyList<string> found, string remedy)
    {
        StringBuilder text = new();
        text.Append(what).Append(found.Count > 0 ? " was found but cannot be used." : " was not found.");
        foreach (string line in found)
        {
            text.AppendLine().Append("  found: ").Append(line);
        }

        text.AppendLine().Append("  names tried: ").AppendJoin(", ", names);
        text.AppendLine().Append("  folders searched: ").Append(folders.Count == 0 ? "only the system loader's" : string.Join(", ", folders));
        text.AppendLine().Append("  what to do: ").Append(remedy);
        return text.ToString();
    }
}
