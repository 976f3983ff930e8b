using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.NvOnnxParser;
using Trt.Utils;

namespace SamplePlugins;

/// <summary>Networks with each plugin: built, serialised, read back by the plugins' names, run, and compared with arithmetic.</summary>
/// <param name="library">A library with a builder.</param>
/// <param name="device">Where engines run: a GPU, or the host stand-in for the CPU runtime.</param>
/// <param name="plugins">The registered creators.</param>
/// <param name="logger">Hears the library.</param>
internal sealed class PluginCases(TensorRtLibrary library, Device device, PluginRegistration plugins, ILogger logger)
{
    private static readonly float[] Matrix = [0, 1, 0, -2, 0, 0, 3, 0, 0.5f, 0, 0, -0f];

    private readonly bool typed = library.Supports(NetworkDefinitionCreationFlag.StronglyTyped);

    /// <summary>The cases that the release can do: names, and what runs each and throws where a result is wrong.</summary>
    public IEnumerable<(string Name, Func<string> Run)> All()
    {
        if (library.Supports("INetworkDefinition.addPluginV2"))
        {
            yield return ("CircPad (V2)", () => CircPad(CircPadV2.Version, DataType.Float));
            yield return ("Hardmax (V2)", () => Hardmax(HardmaxV2.Version, DataType.Float));
        }

        if (library.Supports("INetworkDefinition.addPluginV3"))
        {
            yield return ("CircPad (V3)", () => CircPad(CircPadV3.Version, DataType.Float));
            yield return ("Hardmax (V3)", () => Hardmax(HardmaxV3.Version, DataType.Float));
            yield return ("NonZero (V3)", () => NonZero(DataType.Float, byRow: true));
            yield return ("NonZero (V3), columns apart", () => NonZero(DataType.Float, byRow: false));
            if (typed)
            {
                yield return ("CircPad (V3), half precision", () => CircPad(CircPadV3.Version, DataType.Half));
                yield return ("Hardmax (V3), half precision", () => Hardmax(HardmaxV3.Version, DataType.Half));
                yield return ("NonZero (V3), half precision", () => NonZero(DataType.Half, byRow: true));
            }

            yield return ("CircPad (V3) from ONNX", () => FromOnnx(CircPadV3.Version));
        }
        else
        {
            yield return ("CircPad (V2) from ONNX", () => FromOnnx(CircPadV2.Version));
        }
    }

    private string CircPad(string version, DataType type)
    {
        int[] pads = [1, 2, 3, 1]; // left, right, top, bottom
        byte[] plan = Build(network => Add(network, network.AddInput("x", type, [-1, 2, 4, 5]), SamplePlugins.CircPad.Name, version, Fields.From("pads", pads)), [1, 2, 4, 5], [3, 2, 4, 5]);
        float[] x = [.. Enumerable.Range(0, 3 * 2 * 4 * 5).Select(i => (float)i)];
        using InferenceRunner runner = Load(plan);
        foreach (int batch in (int[])[3, 1])
        {
            Compare(Run(runner, type, x.AsSpan(0, batch * 40), [batch, 2, 4, 5]), Padded(x, batch * 2, 4, 5, pads));
        }

        return "[3, 2, 4, 5] with 1, 2, 3 and 1 more at the edges";
    }

    private string FromOnnx(string version)
    {
        byte[] model = OnnxText.Model(SamplePlugins.CircPad.Name, version, "pads", [2, 0, 0, 1], [1, 3, 4], [1, 4, 6]);
        byte[] plan = Build(network =>
        {
            using IParser parser = library.CreateParser(network, logger);
            parser.Parse(model);
        });
        float[] x = [.. Enumerable.Range(0, 12).Select(i => i * 0.5f)];
        using InferenceRunner runner = Load(plan);
        Compare(Run(runner, DataType.Float, x, [1, 3, 4]), Padded(x, 1, 3, 4, [2, 0, 0, 1]));
        return $"a node {SamplePlugins.CircPad.Name} of a model of {model.Length} bytes";
    }

    private string Hardmax(string version, DataType type)
    {
        byte[] plan = Build(network => Add(network, network.AddInput("x", type, [2, 3, 4]), SamplePlugins.Hardmax.Name, version, Fields.From("axis", 1)));

        // Of the columns of each table of 3 x 4 the greatest; the third column of the first has two, and the first one counts.
        float[] x = [1, 5, 7, 0, 2, 4, 7, -1, 3, 6, 6, -2, -1, -5, 0.5f, 9, -2, -4, 0.25f, 9, -3, -6, 0.75f, 8];
        float[] expected = [0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0];
        using InferenceRunner runner = Load(plan);
        Compare(Run(runner, type, x, [2, 3, 4]), expected);
        return "[2, 3, 4] along axis 1";
    }

    private string NonZero(DataType type, bool byRow)
    {
        byte[] plan = Build(
            network =>
            {
                Add(network, network.AddInput("x", type, [3, 4]), NonZeroPlugin.Name, "1", Fields.From("rowOrder", byRow ? 1 : 0));
            },
            [3, 4],
            [3, 4]);
        using InferenceRunner runner = Load(plan);
        int[] places = [.. Enumerable.Range(0, Matrix.Length).Where(i => Matrix[i] != 0)];
        int[] expected = byRow ? [.. places.SelectMany(place => (int[])[place / 4, place % 4])] : [.. places.Select(place => place / 4), .. places.Select(place => place % 4)];
        using InferenceContext context = runner.Rent();
        foreach (bool isEmpty in (bool[])[false, true, false])
        {
            float[] x = isEmpty ? new float[Matrix.Length] : Matrix;
            Give(context, type, x, [3, 4]);
            context.Run();
            int[] indices = context["y"].ToArray<int>();
            if (!indices.AsSpan().SequenceEqual(isEmpty ? [] : expected))
            {
                throw new InvalidOperationException($"Found {string.Join(' ', indices)}, expected {(isEmpty ? "nothing" : string.Join(' ', expected))}.");
            }
        }

        return $"{places.Length} of {Matrix.Length} elements, and none of zeros";
    }

    private static float[] Padded(float[] x, int planes, int height, int width, int[] pads)
    {
        List<float> padded = [];
        for (int plane = 0; plane < planes; plane++)
        {
            for (int y = -pads[2]; y < height + pads[3]; y++)
            {
                for (int at = -pads[0]; at < width + pads[1]; at++)
                {
                    padded.Add(x[(((plane * height) + ((y + (10 * height)) % height)) * width) + ((at + (10 * width)) % width)]);
                }
            }
        }

        return [.. padded];
    }

    private static void Compare(float[] actual, float[] expected)
    {
        if (!actual.AsSpan().SequenceEqual(expected))
        {
            throw new InvalidOperationException($"The engine gave {string.Join(' ', actual)}; expected {string.Join(' ', expected)}.");
        }
    }

    private static void Give(InferenceContext context, DataType type, ReadOnlySpan<float> x, Dims shape)
    {
        context["x"].Shape = shape;
        if (type == DataType.Half)
        {
            Half[] halves = new Half[x.Length];
            System.Numerics.Tensors.TensorPrimitives.ConvertToHalf(x, halves);
            context["x"].CopyFrom<Half>(halves);
        }
        else
        {
            context["x"].CopyFrom<float>(x);
        }
    }

    private static float[] Run(InferenceRunner runner, DataType type, ReadOnlySpan<float> x, Dims shape)
    {
        using InferenceContext context = runner.Rent();
        Give(context, type, x, shape);
        context.Run();
        return type == DataType.Half ? Array.ConvertAll(context["y"].ToArray<Half>(), value => (float)value) : context["y"].ToArray<float>();
    }

    /// <summary>Adds a plugin that the registry's creator makes of an attribute, and marks its first output as y.</summary>
    private void Add(INetworkDefinition network, ITensor input, string name, string version, PluginField attribute)
    {
        PluginFieldCollection attributes = new([attribute]);
        ILayer layer = plugins.Find(name, version) switch
        {
            IPluginCreatorV3One creator => network.AddPluginV3([input], [], creator.CreatePlugin("plugin", attributes, TensorRTPhase.Build)!),
            IPluginCreator creator => network.AddPluginV2([input], creator.CreatePlugin("plugin", attributes)!),
            { } creator => throw new InvalidOperationException($"{creator} makes no plugins."),
        };
        layer.GetOutput(0).Name = "y";
        network.MarkOutput(layer.GetOutput(0));
    }

    private byte[] Build(Action<INetworkDefinition> define, Dims? least = null, Dims? most = null)
    {
        using IBuilder builder = library.CreateInferBuilder(logger);
        using INetworkDefinition network = builder.CreateNetworkV2([typed ? NetworkDefinitionCreationFlag.StronglyTyped : NetworkDefinitionCreationFlag.ExplicitBatch]);
        define(network);
        using IBuilderConfig config = builder.CreateBuilderConfig();
        if (least is { } min && most is { } max)
        {
            IOptimizationProfile profile = builder.CreateOptimizationProfile();
            profile.SetDimensions("x", OptProfileSelector.Min, min);
            profile.SetDimensions("x", OptProfileSelector.Opt, max);
            profile.SetDimensions("x", OptProfileSelector.Max, max);
            config.AddOptimizationProfile(profile);
        }

        using IHostMemory plan = builder.BuildSerializedNetwork(network, config);
        return plan.AsSpan().ToArray();
    }

    private InferenceRunner Load(byte[] plan) => InferenceRunner.Load(plan, library, new RunnerOptions { Device = device, Logger = logger, Name = "plugin" });
}
