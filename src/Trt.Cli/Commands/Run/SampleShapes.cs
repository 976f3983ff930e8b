using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli.Commands.Run;

/// <summary>Shapes to build a model for, so that the samples fit it.</summary>
internal sealed class SampleShapes(IReadOnlyList<TensorSlot> slots, IReadOnlyList<InputSource> sources, RunOptions options, PictureSettings pictures)
{
    /// <summary>Larger batches gain little more, and memory grows with them.</summary>
    private const int UsualBatch = 32;

    /// <summary>Options with shapes where the user said none.</summary>
    /// <exception cref="UserError">The samples do not fit the model, or the size of pictures is open.</exception>
    public BuildOptions Apply(BuildOptions build)
    {
        if (build.Profiles.Count > 0 || build.Batch is not null || build.NamedExtents.Count > 0 || build.DynamicExtents is not null)
        {
            return build;
        }

        bool isOnnx = ModelLoading.Kind(options.Model) == Framework.Onnx;
        bool isOpenInside = isOnnx && slots.Any(slot => slot.Shape.Skip(1).Any(extent => extent < 0));
        Dictionary<string, List<long[]>> given = isOpenInside ? ShapesOfArrays() : [];
        int count = sources.Sum(source => source.Pictures.Count);
        bool hasArrays = sources.Any(source => source.Pictures.Count == 0);
        int most = options.MaxBatch ?? (sources.Count == 0 ? 1 : hasArrays ? UsualBatch : Math.Min(UsualBatch, count));
        ExtentRange batch = new(1, most, most);
        if (!isOpenInside)
        {
            // Builders of known architectures suggest batches themselves.
            return isOnnx || options.MaxBatch is not null ? build with { Batch = batch } : build;
        }

        ShapeProfile profile = new();
        foreach (TensorSlot slot in slots.Where(slot => slot.Shape.Any(extent => extent < 0)))
        {
            if (RangeOf(slot, given, batch) is { } range)
            {
                profile[slot.Name] = range;
            }
        }

        return profile.Inputs.Count > 0 ? build with { Profiles = [profile], Batch = batch } : build with { Batch = batch };
    }

    private Dictionary<string, List<long[]>> ShapesOfArrays()
    {
        Dictionary<string, List<long[]>> shapes = new(StringComparer.Ordinal);
        foreach (InputSource source in sources.Where(source => source.Pictures.Count == 0))
        {
            foreach ((string name, TorchTensor tensor) in TensorFiles.Read([source.Text], slots, options.Shapes, convert: options.Converts))
            {
                if (!shapes.TryGetValue(name, out List<long[]>? known))
                {
                    shapes[name] = known = [];
                }

                known.Add([.. tensor.Shape]);
            }
        }

        return shapes;
    }

    private ShapeRange? RangeOf(TensorSlot slot, Dictionary<string, List<long[]>> given, ExtentRange batch)
    {
        List<long[]> shapes = given.GetValueOrDefault(slot.Name) ?? [];
        if (shapes.Count == 0 && sources.Any(source => source.Pictures.Count > 0 && (source.Input ?? slot.Name) == slot.Name) && slot.Shape.Count == 4)
        {
            PictureTensor tensor = pictures.Tensor(slot.Name, DataType.Float, new Dims([.. slot.Shape.Skip(1)]));
            shapes = [[slot.Shape[0], .. tensor.Shape(tensor.Size.Width, tensor.Size.Height).ToArray()]];
        }

        if (shapes.Count == 0)
        {
            return null;
        }

        long[] least = [.. slot.Shape.Select((_, axis) => shapes.Min(shape => shape[axis]))];
        long[] most = [.. slot.Shape.Select((_, axis) => shapes.Max(shape => shape[axis]))];
        if (slots.All(other => other.Shape.Count > 0 && other.Shape[0] < 0))
        {
            (least[0], most[0]) = (batch.Min, batch.Max);
        }

        return new ShapeRange(least, most, most);
    }
}
