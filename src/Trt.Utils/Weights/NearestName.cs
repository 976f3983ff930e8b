namespace Trt.Utils;

/// <summary>Names that somebody who wrote another may have meant.</summary>
internal static class NearestName
{
    private const int MostCompared = 20_000;
    private const int LongestName = 200;

    /// <summary>Names by the number of characters that differ (Levenshtein's distance), the nearest first; names without anything in common are left out.</summary>
    public static IEnumerable<string> Of(string name, IEnumerable<string> names) => name.Length > LongestName
        ? []
        : names.Take(MostCompared)
            .Where(candidate => candidate.Length <= LongestName)
            .Select(candidate => (Name: candidate, Distance: Distance(name, candidate)))
            .Where(candidate => candidate.Distance < Math.Max(name.Length, candidate.Name.Length))
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Name);

    private static int Distance(string left, string right)
    {
        Span<int> row = stackalloc int[LongestName + 1];
        for (int j = 0; j <= right.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[right.Length];
    }
}
