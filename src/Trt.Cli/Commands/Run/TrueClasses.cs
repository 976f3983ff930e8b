using System.Globalization;

namespace Trt.Cli.Commands.Run;

/// <summary>The right class of each sample, where the names of its file or folders tell.</summary>
/// <param name="Classes">By sample.</param>
/// <param name="Origin">For people: what told.</param>
internal sealed record TrueClasses(IReadOnlyList<int> Classes, string Origin)
{
    private static readonly char[] Separators = ['_', '-'];

    /// <summary>Looks for classes.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="classes">How many classes the model has.</param>
    /// <param name="labels">Their names; null: numbers only.</param>
    /// <param name="where">names: the part of files' names before the first _ or -, or the whole; folders: the first folder below the one that was named; auto: whichever tells all; none.</param>
    /// <returns>Null where they do not tell all.</returns>
    /// <exception cref="UserError">A place was named, but does not tell.</exception>
    public static TrueClasses? Find(IReadOnlyList<Sample> samples, long classes, IReadOnlyList<string>? labels, string where)
    {
        if (where == "none" || samples.Count == 0 || classes < 2)
        {
            return null;
        }

        bool areFiles = samples.All(sample => sample.Picture is not null);
        TrueClasses? found = !areFiles ? null
            : where == "names" ? FromNames(samples, classes, labels)
            : where == "folders" ? FromFolders(samples, classes, labels)
            : FromFolders(samples, classes, labels) ?? FromNames(samples, classes, labels);
        return found is not null || where == "auto" ? found
            : throw new UserError($"--truth {where}: {(areFiles ? $"not all {where} of the pictures are classes, which are numbers from 0 to {classes - 1}{(labels is null ? string.Empty : " or labels")}" : "the samples are no picture files")}.");
    }

    private static TrueClasses? FromNames(IReadOnlyList<Sample> samples, long classes, IReadOnlyList<string>? labels)
    {
        int[] found = new int[samples.Count];
        for (int i = 0; i < found.Length; i++)
        {
            string name = Path.GetFileNameWithoutExtension(samples[i].Picture!);
            int end = name.IndexOfAny(Separators);
            int whole = ClassOf(name, classes, labels);
            found[i] = whole >= 0 || end < 0 ? whole : ClassOf(name[..end], classes, labels);
            if (found[i] < 0)
            {
                return null;
            }
        }

        return new TrueClasses(found, "file names");
    }

    private static TrueClasses? FromFolders(IReadOnlyList<Sample> samples, long classes, IReadOnlyList<string>? labels)
    {
        string[] folders = [.. samples.Select(sample => sample.Relative?.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar) is { Length: > 1 } parts ? parts[0] : string.Empty)];
        if (folders.Contains(string.Empty))
        {
            return null;
        }

        int[] found = [.. folders.Select(folder => ClassOf(folder, classes, labels))];
        if (!found.Contains(-1))
        {
            return new TrueClasses(found, "folder names");
        }

        // As torchvision's ImageFolder numbers them.
        string[] sorted = [.. folders.Distinct().Order(StringComparer.Ordinal)];
        return labels is null && sorted.Length == classes ? new TrueClasses([.. folders.Select(folder => Array.BinarySearch(sorted, folder, StringComparer.Ordinal))], "folders in their order") : null;
    }

    private static int ClassOf(string text, long classes, IReadOnlyList<string>? labels)
    {
        if (labels is not null)
        {
            for (int i = 0; i < labels.Count; i++)
            {
                if (labels[i].Equals(text, StringComparison.OrdinalIgnoreCase))
                {
                    return i;
                }
            }
        }

        // 007 is a running number, 7 a class.
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < classes && number.ToString(CultureInfo.InvariantCulture) == text ? number : -1;
    }
}
