using System.Globalization;
using Trt.Utils;

namespace Trt.Cli.Commands.Run;

/// <summary>Writes what is a picture among the results: PNG files named like the samples.</summary>
internal sealed class PictureFolder(string folder, IReadOnlyList<OutputPlan> plans)
{
    private readonly HashSet<string> written = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool isSeveral = plans.Count(plan => plan.IsPicture && !plan.AreBoxes) > 1;

    /// <summary>How many files there are.</summary>
    public int Count => written.Count;

    /// <summary>Writes a result's picture.</summary>
    /// <returns>The result with the file's path.</returns>
    public OutputResult Write(Sample sample, OutputResult result)
    {
        Image? picture = result.Plan.AreBoxes && result.Plan == plans[0] && sample.Picture is { } path ? BoxPainter.Draw(Image.Load(path), result.Boxes) : result.Picture;
        if (picture is null)
        {
            return result;
        }

        string file = Name(sample, result.Plan);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        picture.Save(file, result.Plan.Kind == OutputKind.Mask ? ClassColours.Palette : []);
        return result with { File = file, Picture = null };
    }

    private string Name(Sample sample, OutputPlan plan)
    {
        string relative = sample.Relative ?? (sample.Picture is { } path ? Path.GetFileName(path) : Safe(sample.Name) + ".png");
        string stem = Path.Combine(folder, Path.GetDirectoryName(relative) ?? string.Empty, Path.GetFileNameWithoutExtension(relative)) + (isSeveral ? $".{Safe(plan.Name)}" : string.Empty);
        string file = $"{stem}.png";
        for (int i = 2; !written.Add(file); i++)
        {
            file = string.Create(CultureInfo.InvariantCulture, $"{stem}.{i}.png");
        }

        return file;
    }

    /// <summary>A name without what has a meaning in paths.</summary>
    private static string Safe(string name) => string.Concat(name.Replace("]", string.Empty, StringComparison.Ordinal).Select(c => char.IsLetterOrDigit(c) || c is '-' or '.' ? c : '_')).TrimStart('.');
}
