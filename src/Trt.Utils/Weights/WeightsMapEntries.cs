using System.Text;

namespace Trt.Utils;

/// <summary>The tensors that maps of all prefixes share, and what was asked of them.</summary>
internal sealed class WeightsMapEntries
{
    private const int MostNamed = 20;

    private readonly Lock gate = new();
    private readonly HashSet<string> used = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, bool> missing = new(StringComparer.Ordinal);

    public WeightsMapEntries(IReadOnlyDictionary<string, TorchTensor> tensors, IDisposable? owner)
    {
        Tensors = new OrderedDictionary<string, TorchTensor>(tensors.Count, StringComparer.Ordinal);
        foreach ((string name, TorchTensor tensor) in tensors)
        {
            Tensors.Add(name, tensor.WithName(name)); // so that messages name it as its user does
        }

        Owner = owner;
    }

    public OrderedDictionary<string, TorchTensor> Tensors { get; }

    public IDisposable? Owner { get; }

    /// <summary>Whether a name is the prefix itself or below it.</summary>
    public static bool IsUnder(string name, string prefix) =>
        prefix.Length == 0 || (name.StartsWith(prefix, StringComparison.Ordinal) && (name.Length == prefix.Length || name[prefix.Length] == '.'));

    public IEnumerable<string> Below(string prefix) => Tensors.Keys.Where(name => name.Length > prefix.Length && IsUnder(name, prefix));

    public TorchTensor Take(string name)
    {
        bool found = Tensors.TryGetValue(name, out TorchTensor? tensor);
        lock (gate)
        {
            if (found)
            {
                used.Add(name);
            }
            else
            {
                missing.TryAdd(name, true);
            }
        }

        return tensor ?? throw NotFound(name);
    }

    public TorchTensor Find(string name) => Tensors.TryGetValue(name, out TorchTensor? tensor) ? tensor : throw NotFound(name);

    public void MarkUsed(Func<string, bool> which)
    {
        lock (gate)
        {
            used.UnionWith(Tensors.Keys.Where(which));
        }
    }

    public List<string> Unused()
    {
        lock (gate)
        {
            return [.. Tensors.Keys.Where(name => !used.Contains(name))];
        }
    }

    public List<string> Missing()
    {
        lock (gate)
        {
            return [.. missing.Keys];
        }
    }

    public string Report(string prefix, IEnumerable<string>? expected, Func<string, bool> which)
    {
        HashSet<string>? wanted = expected?.ToHashSet(StringComparer.Ordinal);
        List<string> lacking = [.. (wanted?.Where(name => !Tensors.ContainsKey(name)) ?? Missing()).Where(which)];
        List<string> left = [.. (wanted is null ? Unused() : Tensors.Keys.Where(name => !wanted.Contains(name))).Where(which)];
        int all = Tensors.Keys.Count(which);
        StringBuilder text = new();
        if (lacking.Count > 0)
        {
            text.Append("Missing (").Append(lacking.Count).AppendLine("):");
            foreach (string name in lacking)
            {
                string[] near = [.. NearestName.Of(name, Tensors.Keys).Take(1)];
                text.Append("  ").Append(PickleText.Shorten(name)).AppendLine(near.Length > 0 ? $" (nearest: {PickleText.Shorten(near[0])})" : "");
            }
        }

        if (left.Count > 0)
        {
            text.Append("Not used (").Append(left.Count).Append(" of ").Append(all).AppendLine("):");
            foreach (string name in left)
            {
                text.Append("  ").Append(PickleText.Shorten(name)).Append(' ').Append(Tensors[name].DType.TorchName()).Append(' ').AppendLine(TensorShape.Text(Tensors[name].Shape.AsSpan()));
            }
        }

        return text.Length > 0 ? text.ToString().TrimEnd() : $"All {all} tensors{(prefix.Length > 0 ? $" below \"{PickleText.Shorten(prefix)}\"" : "")} are used and none is missing.";
    }

    private KeyNotFoundException NotFound(string name)
    {
        if (name.Length == 0)
        {
            return new KeyNotFoundException("This map stands for no tensor but for all of them. Name one with the indexer first.");
        }

        string[] below = [.. Below(name).Take(MostNamed + 1)];
        if (below.Length > 0)
        {
            return new KeyNotFoundException($"\"{PickleText.Shorten(name)}\" is no tensor but the prefix of {string.Join(", ", below.Take(MostNamed).Select(PickleText.Shorten))}{(below.Length > MostNamed ? ", …" : "")}.");
        }

        string[] near = [.. NearestName.Of(name, Tensors.Keys).Take(3).Select(PickleText.Shorten)];
        return new KeyNotFoundException($"There is no tensor \"{PickleText.Shorten(name)}\" among the {Tensors.Count} of these weights.{(near.Length > 0 ? $" The nearest: {string.Join(", ", near)}." : "")}");
    }
}
