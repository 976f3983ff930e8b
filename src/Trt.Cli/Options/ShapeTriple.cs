using Trt.Utils;

namespace Trt.Cli.Options;

/// <summary>The shapes of one profile as a command line gives them, some of them perhaps not.</summary>
internal sealed class ShapeTriple
{
    private readonly OrderedDictionary<string, IReadOnlyList<long>?[]> inputs = new(StringComparer.Ordinal);

    public bool IsEmpty => inputs.Count == 0;

    /// <summary>Notes shapes; a later one of the same input replaces an earlier one.</summary>
    public void Add(ShapePoint point, IReadOnlyDictionary<string, long[]> shapes)
    {
        foreach ((string input, long[] shape) in shapes)
        {
            if (!inputs.TryGetValue(input, out IReadOnlyList<long>?[]? three))
            {
                inputs[input] = three = new IReadOnlyList<long>?[3];
            }

            three[(int)point] = shape;
        }
    }

    /// <summary>The profile; what is missing of an input is as what is there: the usual shape as the greatest, the others as the usual one.</summary>
    /// <param name="where">What it is called in sentences.</param>
    /// <param name="warn">Hears what was filled in.</param>
    /// <exception cref="UserError">The shapes of an input are not in order.</exception>
    public ShapeProfile ToProfile(string where, Action<string> warn)
    {
        ShapeProfile profile = [];
        foreach ((string input, IReadOnlyList<long>?[] given) in inputs)
        {
            (IReadOnlyList<long>? min, IReadOnlyList<long>? opt, IReadOnlyList<long>? max) = (given[0], given[1], given[2]);
            IReadOnlyList<long> usual = opt ?? max ?? min!;
            if (min is not null || max is not null)
            {
                string[] missing = [.. Missing()];
                if (missing.Length > 0)
                {
                    warn($"{where} has no {string.Join(" and no ", missing)} for \"{input}\": taken from the shapes that it has.");
                }
            }

            try
            {
                profile[input] = new ShapeRange(min ?? usual, usual, max ?? usual);
            }
            catch (ArgumentException error)
            {
                throw new UserError($"{where}, input \"{input}\": {error.Message}", ExitCode.Usage);
            }

            IEnumerable<string> Missing()
            {
                string[] names = ["--min-shapes", "--opt-shapes", "--max-shapes"];
                return names.Where((_, point) => given[point] is null);
            }
        }

        return profile;
    }
}
