using System.Text.RegularExpressions;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>
/// Weights by name and by prefix: <c>w["layers"][0]["conv1"]["weight"]</c>. An indexer never fails; what it gives stands for a name that may be a tensor's, or the prefix of several,
/// or nothing's.
/// </summary>
/// <remarks>
/// <para>Names are joined by dots, as in PyTorch. The map remembers which tensors were asked for, so that <see cref="Unused"/> and <see cref="Report"/> tell what a network left over.</para>
/// <para>
/// Renaming, converting and the like give a new map of all tensors, which remembers for itself. All maps made from one file share it: disposing any of them closes it for all. Any
/// number of threads may use a map.
/// </para>
/// </remarks>
public sealed class WeightsMap : IDisposable
{
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(1);

    private readonly WeightsMapEntries entries;

    private WeightsMap(WeightsMapEntries entries, string prefix = "")
    {
        this.entries = entries;
        Prefix = prefix;
    }

    /// <summary>The full name that this stands for; empty for the whole map.</summary>
    public string Prefix { get; }

    /// <summary>The full names of the tensors below this, without <see cref="Prefix"/> and its dot, in the file's order.</summary>
    public IReadOnlyList<string> Names => [.. entries.Below(Prefix).Select(name => Relative(name))];

    /// <summary>The first parts of <see cref="Names"/>, each once, in the file's order: <c>layer1</c>, <c>layer2</c>, … or <c>0</c>, <c>1</c>, ….</summary>
    public IReadOnlyList<string> Children => [.. Names.Select(name => name.Split('.', 2)[0]).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether this stands for a tensor, or for the prefix of at least one.</summary>
    public bool Exists => IsTensor || entries.Below(Prefix).Any();

    /// <summary>Whether this stands for a tensor.</summary>
    public bool IsTensor => entries.Tensors.ContainsKey(Prefix);

    /// <summary>The tensor that this stands for. It counts as used from now on.</summary>
    /// <exception cref="KeyNotFoundException">There is none of this name; the message has the full name and those most like it.</exception>
    public TorchTensor Tensor => entries.Take(Prefix);

    /// <summary>The full names of the tensors at or below this that nobody has asked for, in the file's order.</summary>
    public IReadOnlyList<string> Unused => [.. entries.Unused().Where(name => IsUnder(name))];

    /// <summary>The full names at or below this that were asked for and are not there, in the order of asking.</summary>
    public IReadOnlyList<string> Missing => [.. entries.Missing().Where(name => IsUnder(name))];

    /// <summary>What stands below this: a name, or several joined by dots.</summary>
    /// <param name="name">The name, relative to <see cref="Prefix"/>.</param>
    /// <returns>Never null; <see cref="Exists"/> says whether there is anything.</returns>
    public WeightsMap this[string name]
    {
        get
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            return new WeightsMap(entries, Full(name));
        }
    }

    /// <summary>A numbered child, as of <c>nn.Sequential</c> and <c>nn.ModuleList</c>.</summary>
    /// <param name="index">Its number, from 0.</param>
    public WeightsMap this[int index] => this[index.ToString(System.Globalization.CultureInfo.InvariantCulture)];

    /// <summary>Opens a weight file of any format that <see cref="TorchStateDict.Open"/> reads.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Its state dict, which closes the file when disposed.</returns>
    /// <exception cref="TorchFormatException">The file is damaged, of a kind that is not read, or wants to run code.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static WeightsMap Open(string path)
    {
        TorchStateDict dict = TorchStateDict.Open(path);
        return new WeightsMap(new WeightsMapEntries(dict, dict));
    }

    /// <summary>A map of tensors that are there already: of a <see cref="TorchStateDict"/>, or made from arrays.</summary>
    /// <param name="tensors">The tensors by name. What keeps them (an open file) stays the caller's to dispose.</param>
    /// <returns>A map whose disposal does nothing.</returns>
    public static WeightsMap From(IReadOnlyDictionary<string, TorchTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        return new WeightsMap(new WeightsMapEntries(tensors, null));
    }

    /// <summary>The tensor, as <see cref="Tensor"/>.</summary>
    /// <param name="map">A map that stands for a tensor.</param>
    public static implicit operator TorchTensor(WeightsMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return map.Tensor;
    }

    /// <summary>The tensor, as <see cref="Tensor"/>.</summary>
    /// <returns>The tensor.</returns>
    public TorchTensor ToTorchTensor() => Tensor;

    /// <summary>Whether there is a tensor of a name, or any below it.</summary>
    /// <param name="name">The name, relative to <see cref="Prefix"/>.</param>
    /// <returns>True if so. Asking does not count as using.</returns>
    public bool Contains(string name) => this[name].Exists;

    /// <summary>The tensor's values as weights, without a copy where the file holds them in order; it counts as used.</summary>
    /// <returns>Weights that keep the tensor referenced; a file must stay open until the engine is built.</returns>
    /// <exception cref="KeyNotFoundException">There is no tensor of this name.</exception>
    /// <exception cref="NotSupportedException">TensorRT has no such element type.</exception>
    public Weights ToWeights() => Tensor.ToWeights();

    /// <summary>Makes sure that the tensor has a shape.</summary>
    /// <param name="dims">The dimensions expected; −1 stands for any size.</param>
    /// <returns>This, so that a call can follow. Asking does not count as using.</returns>
    /// <exception cref="KeyNotFoundException">There is no tensor of this name.</exception>
    /// <exception cref="WeightShapeException">It has another shape; the message names the tensor, its shape and the one expected.</exception>
    public WeightsMap Expect(params ReadOnlySpan<long> dims)
    {
        TorchTensor tensor = entries.Find(Prefix);
        bool fits = tensor.Shape.Length == dims.Length;
        for (int i = 0; fits && i < dims.Length; i++)
        {
            fits = dims[i] == -1 || dims[i] == tensor.Shape[i];
        }

        return fits ? this : throw new WeightShapeException(Prefix, tensor.Shape, [.. dims]);
    }

    /// <summary>Makes sure that a tensor below this has a shape.</summary>
    /// <param name="name">Its name, relative to <see cref="Prefix"/>.</param>
    /// <param name="dims">The dimensions expected; −1 stands for any size.</param>
    /// <returns>What stands for the tensor.</returns>
    /// <exception cref="KeyNotFoundException">There is no tensor of this name.</exception>
    /// <exception cref="WeightShapeException">It has another shape; the message names the tensor, its shape and the one expected.</exception>
    public WeightsMap Expect(string name, params ReadOnlySpan<long> dims) => this[name].Expect(dims);

    /// <summary>Counts everything at or below this as used: for values that a network rightly ignores, such as batch counters.</summary>
    public void MarkUsed() => entries.MarkUsed(IsUnder);

    /// <summary>What is missing and what was not used, as text for people; says so when nothing is.</summary>
    /// <param name="expected">Full names that a network wants, to compare with; null to go by what was asked for so far.</param>
    /// <returns>One or more lines.</returns>
    public string Report(IEnumerable<string>? expected = null) => entries.Report(Prefix, expected, IsUnder);

    /// <summary>All tensors with a prefix of their names replaced; names without it stay.</summary>
    /// <param name="from">The prefix, such as <c>module.</c>; it is compared as text, so a dot at its end matters.</param>
    /// <param name="to">What stands there instead; empty to remove it.</param>
    /// <returns>A new map of all tensors.</returns>
    /// <exception cref="ArgumentException">Two tensors would get the same name.</exception>
    public WeightsMap RenamePrefix(string from, string to)
    {
        ArgumentException.ThrowIfNullOrEmpty(from);
        ArgumentNullException.ThrowIfNull(to);
        return Rename(name => name.StartsWith(from, StringComparison.Ordinal) ? to + name[from.Length..] : name);
    }

    /// <summary>All tensors with a regular expression replaced in their names.</summary>
    /// <param name="pattern">The expression, as of <see cref="Regex"/>.</param>
    /// <param name="replacement">What stands there instead, with <c>$1</c> for groups.</param>
    /// <returns>A new map of all tensors.</returns>
    /// <exception cref="ArgumentException">The pattern is none, or two tensors would get the same name.</exception>
    /// <exception cref="RegexMatchTimeoutException">A name takes longer than a second to match.</exception>
    public WeightsMap RenameMatches(string pattern, string replacement)
    {
        Regex regex = new(pattern, RegexOptions.CultureInvariant, LongestMatch);
        return Rename(name => regex.Replace(name, replacement));
    }

    /// <summary>All tensors under names that a function gives.</summary>
    /// <param name="rename">The new full name of a full name; null leaves the tensor out.</param>
    /// <returns>A new map.</returns>
    /// <exception cref="ArgumentException">Two tensors would get the same name.</exception>
    public WeightsMap Rename(Func<string, string?> rename)
    {
        ArgumentNullException.ThrowIfNull(rename);
        OrderedDictionary<string, TorchTensor> renamed = new(StringComparer.Ordinal);
        foreach ((string name, TorchTensor tensor) in entries.Tensors)
        {
            if (rename(name) is string next && !renamed.TryAdd(next, tensor.WithName(next)))
            {
                throw new ArgumentException($"Two tensors would be named \"{PickleText.Shorten(next)}\"; the second is \"{PickleText.Shorten(name)}\". Rename one of them otherwise first.", nameof(rename));
            }
        }

        return Derived(renamed);
    }

    /// <summary>All tensors with one added or replaced.</summary>
    /// <param name="name">Its full name.</param>
    /// <param name="tensor">The tensor.</param>
    /// <returns>A new map.</returns>
    public WeightsMap With(string name, TorchTensor tensor)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(tensor);
        OrderedDictionary<string, TorchTensor> changed = new(entries.Tensors, StringComparer.Ordinal) { [name] = tensor.WithName(name) };
        return Derived(changed);
    }

    /// <summary>All tensors, those at or below this with floating-point numbers in another type; integers and truth values stay.</summary>
    /// <param name="type">A floating-point type.</param>
    /// <param name="rule">What may happen to values.</param>
    /// <returns>A new map; converted tensors need no open file.</returns>
    /// <exception cref="ArgumentException"><paramref name="type"/> is no floating-point type.</exception>
    /// <exception cref="InvalidOperationException">A tensor's values would be lost that <paramref name="rule"/> protects; the message names it.</exception>
    public WeightsMap ConvertTo(TorchDType type, ConversionRule rule = ConversionRule.Rounded) => type.IsFloatingPoint()
        ? Select(tensor => tensor.DType.IsFloatingPoint() ? tensor.ConvertTo(type, rule) : tensor)
        : throw new ArgumentException($"{type.TorchName()} is no floating-point type. Convert tensors to it one by one.", nameof(type));

    /// <summary>
    /// All tensors, with denormal values (see <see cref="TorchTensorConversion.CountDenormals"/>) of those at or below this replaced by 0: they slow most processors down, and many
    /// accelerators treat them as 0 anyway.
    /// </summary>
    /// <param name="rounded">How many values were replaced in each tensor that had some, by full name.</param>
    /// <returns>A new map; tensors without denormals are the same as before.</returns>
    public WeightsMap RoundDenormals(out IReadOnlyDictionary<string, long> rounded)
    {
        OrderedDictionary<string, long> counts = new(StringComparer.Ordinal);
        WeightsMap result = Select(tensor =>
        {
            TorchTensor normal = tensor.RoundDenormals(out long count);
            if (count > 0)
            {
                counts.Add(tensor.Name, count);
            }

            return normal;
        });
        rounded = counts;
        return result;
    }

    /// <summary>Writes the tensors below this as <c>.safetensors</c>, under <see cref="Names"/>; see <see cref="SafetensorsFile.Write(string, IReadOnlyDictionary{string, TorchTensor}, IReadOnlyDictionary{string, string})"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="metadata">Text to keep beside them; null for none.</param>
    /// <exception cref="NotSupportedException">A tensor is complex; nothing is written then.</exception>
    /// <exception cref="IOException">The file cannot be written; the message names it and says what to do.</exception>
    public void SaveSafetensors(string path, IReadOnlyDictionary<string, string>? metadata = null) => SafetensorsFile.Write(path, Below(), metadata);

    /// <summary>Writes the tensors below this as a NumPy archive, under <see cref="Names"/>; see <see cref="NpzFile.Write"/>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="NotSupportedException">A tensor is bfloat16, float8 or complex, which NumPy has no types for; nothing is written then.</exception>
    /// <exception cref="IOException">The file cannot be written; the message names it and says what to do.</exception>
    public void SaveNpz(string path) => NpzFile.Write(path, Below());

    /// <summary>Writes the tensors as <c>.wts</c>: a text that many hand-written TensorRT networks read. It has no shapes, and all values are single-precision numbers.</summary>
    /// <param name="path">Where; replaced at once when it is whole.</param>
    /// <exception cref="ArgumentException">A name is empty or has white space, which the format cannot hold.</exception>
    /// <exception cref="InvalidOperationException">A value has no single-precision form.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void SaveWts(string path) => WtsFile.Write(path, Below());

    /// <summary>Closes the file, for this and all maps made from it. Spans, addresses and weights of its tensors are invalid afterwards. A second call does nothing.</summary>
    public void Dispose() => entries.Owner?.Dispose();

    /// <inheritdoc/>
    public override string ToString() => IsTensor ? entries.Tensors[Prefix].ToString() : $"{(Prefix.Length == 0 ? "Weights" : $"\"{PickleText.Shorten(Prefix)}\"")} with {Names.Count} tensors";

    private OrderedDictionary<string, TorchTensor> Below()
    {
        OrderedDictionary<string, TorchTensor> below = new(StringComparer.Ordinal);
        foreach (string name in entries.Below(Prefix))
        {
            below.Add(Relative(name), entries.Tensors[name]);
        }

        return below;
    }

    private WeightsMap Select(Func<TorchTensor, TorchTensor> change)
    {
        OrderedDictionary<string, TorchTensor> changed = new(StringComparer.Ordinal);
        foreach ((string name, TorchTensor tensor) in entries.Tensors)
        {
            changed.Add(name, IsUnder(name) ? change(tensor.WithName(name)) : tensor);
        }

        return Derived(changed);
    }

    private WeightsMap Derived(OrderedDictionary<string, TorchTensor> tensors) => new(new WeightsMapEntries(tensors, entries.Owner), Prefix);

    private string Full(string name) => Prefix.Length == 0 ? name : $"{Prefix}.{name}";

    private string Relative(string name) => Prefix.Length == 0 ? name : name[(Prefix.Length + 1)..];

    private bool IsUnder(string name) => WeightsMapEntries.IsUnder(name, Prefix);
}
