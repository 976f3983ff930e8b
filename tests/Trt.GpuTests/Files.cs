using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>The files that the checks read.</summary>
/// <param name="libraries">The libraries that were found.</param>
/// <param name="plans">Folder of plans, where there is one.</param>
/// <param name="data">Folders of models and goldens, the user's before the program's own.</param>
internal sealed class Files(IReadOnlyList<FoundLibrary> libraries, string? plans, IReadOnlyList<string> data)
{
    /// <summary>Folders below a data folder that files are in; the program's own has the shape of a checkout.</summary>
    private static readonly string[] Below = ["", "models", "tests/goldens", "goldens"];

    /// <summary>All libraries that were found.</summary>
    public IReadOnlyList<FoundLibrary> Libraries => libraries;

    /// <summary>The lean runtime of a major release.</summary>
    /// <exception cref="MissingException">It is not there.</exception>
    public string Lean(int major) => libraries.FirstOrDefault(library => library.Kind == LibraryKind.Lean && library.Major == major)?.Path
        ?? throw new MissingException($"there is no libnvinfer_lean.so.{major} in the folders of --library");

    /// <summary>Whether there is a lean runtime of a major release.</summary>
    public bool HasLean(int major) => libraries.Any(library => library.Kind == LibraryKind.Lean && library.Major == major);

    /// <summary>The folder of plans.</summary>
    /// <exception cref="MissingException">There is none.</exception>
    public string Plans => plans ?? throw new MissingException("there is no folder of plans: name it with --plans");

    public byte[] Plan(string name) => File.ReadAllBytes(PlanFile(name + ".plan"));

    public NpzFile Answers(string plan) => NpzFile.Open(PlanFile(plan + ".npz"));

    /// <summary>A model, golden or picture by its name, from the user's data folder or the program's own.</summary>
    /// <param name="name">File or folder, such as <c>lenet_golden.npz</c> or <c>images</c>.</param>
    /// <exception cref="MissingException">It is in none of them.</exception>
    public string Find(string name) => TryFind(name) ?? throw new MissingException($"{name} is in none of {string.Join(", ", data)}: name its folder with --data");

    /// <summary>As <see cref="Find"/>, or null.</summary>
    public string? TryFind(string name) => data.SelectMany(folder => Below.Select(below => Path.Combine(folder, below, name))).FirstOrDefault(path => File.Exists(path) || Directory.Exists(path));

    /// <summary>What a plan was run with: set 0, or set 1, which is the first image alone.</summary>
    public Dictionary<string, HostTensor> Inputs(string plan, int set)
    {
        string model = plan.Split('.')[0];
        if (model == "nonzero")
        {
            // neg is −x, so the answers tell the input.
            using NpzFile answers = Answers(plan);
            NpzArray negated = answers[$"set{set}.neg"];
            float[] x = [.. negated.ToArray<float>().Select(value => -value)];
            return new() { ["x"] = new HostTensor(new Dims(negated.Shape.AsSpan()), DataType.Float, MemoryMarshal.AsBytes(x.AsSpan()).ToArray()) };
        }

        (string input, string array, int most) = model switch
        {
            "lenet" => ("data", "data", 20),
            "unet" => ("image", "image", int.MaxValue),
            "charrnn" => ("tokens", "tokens", int.MaxValue),
            "shapes_retinanet" => ("input_1", "a_input_1", int.MaxValue),
            _ => throw new ArgumentException($"Nothing is known of the inputs of {plan}."),
        };
        using NpzFile golden = NpzFile.Open(Find(model + "_golden.npz"));
        NpzArray values = golden[array];
        long[] shape = [.. values.Shape];
        long rows = set == 1 ? 1 : Math.Min(most, shape[0]);
        int row = values.Bytes.Length / (int)shape[0];
        shape[0] = rows;
        return new() { [input] = new HostTensor(new Dims(shape), values.DType == NpzDType.Int64 ? DataType.Int64 : DataType.Float, values.Bytes[..(int)(rows * row)].ToArray()) };
    }

    private string PlanFile(string name) => Path.Combine(Plans, name) is { } path && File.Exists(path) ? path : throw new MissingException($"{name} is not in {Plans}");
}
