using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>Pictures as samples of models with one picture as input.</summary>
internal static class Pictures
{
    /// <exception cref="UserError">The model does not take a picture.</exception>
    public static IReadOnlyDictionary<string, TorchTensor> Read(string path, IReadOnlyList<TensorSlot> slots, PictureSettings settings)
    {
        if (slots is not [var slot])
        {
            throw new UserError($"--input {path}: the model has {slots.Count} inputs, which a picture cannot serve: give an .npz file with an array for each of {string.Join(", ", slots.Select(input => $"\"{input.Name}\""))}.");
        }

        bool isFloating = slot.Type is TorchDType.Float32 or TorchDType.Float16 or TorchDType.BFloat16, isBatched = slot.Shape.Count == 4;
        PictureTensor tensor;
        try
        {
            tensor = settings.Tensor(slot.Name, isFloating ? DataType.Float : DataType.UInt8, new Dims([.. slot.Shape.Skip(isBatched ? 1 : 0)]));
        }
        catch (ArgumentException error)
        {
            throw new UserError($"--input {path}: {error.Message}");
        }

        float[] values = new float[tensor.Channels * tensor.Size.Width * tensor.Size.Height];
        settings.Preprocessor(tensor, isFloating).Apply(Image.Load(path), values);
        long[] shape = [.. isBatched ? [1] : Array.Empty<long>(), .. tensor.Shape(tensor.Size.Width, tensor.Size.Height).ToArray()];
        return slot.Takes(shape)
            ? new Dictionary<string, TorchTensor> { [slot.Name] = TorchTensor.FromArray(values, shape).ConvertTo(slot.Type, ConversionRule.Lossy) }
            : throw new UserError($"--input {path}: input \"{slot.Name}\" is {Units.Shape(slot.Shape)}, which takes more than one picture. Give the batch as .npy.");
    }
}
