using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Trt.Cpu.OnnxRuntime.Native;
using Trt.Interop;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>One run with tensors by name, text among them. Use it once; only <see cref="Terminate"/> may be called from other threads.</summary>
internal sealed unsafe class OrtRun : IDisposable
{
    private readonly OrtEnvironment environment;
    private readonly OrtSessionHandle session;
    private readonly OrtRunOptions* options;
    private readonly List<nint> values = [];
    private readonly List<nint> texts = [];

    public OrtRun(OrtSession session)
    {
        environment = session.Environment;
        this.session = session.Handle;
        OrtRunOptions* made;
        environment.Check(environment.Api.CreateRunOptions(&made), "make run options");
        options = made;
        bool added = false;
        this.session.DangerousAddRef(ref added);
    }

    /// <summary>Ends the run at its next operator.</summary>
    public void Terminate() => environment.Check(environment.Api.RunOptionsSetTerminate(options), "terminate a run");

    public IReadOnlyDictionary<string, OnnxTensor> Run((string Name, OnnxTensor Tensor)[] inputs, string[] outputs)
    {
        nint[] inputNames = [.. inputs.Select(input => Native(input.Name))], inputValues = [.. inputs.Select(input => Value(input.Name, input.Tensor))];
        nint[] outputNames = [.. outputs.Select(Native)], outputValues = new nint[outputs.Length];
        fixed (nint* inNames = inputNames, inValues = inputValues, outNames = outputNames, outValues = outputValues)
        {
            OrtStatus* status = environment.Api.Run(
                session.Session, options, (byte**)inNames, (OrtValue**)inValues, (nuint)inputs.Length, (byte**)outNames, (nuint)outputs.Length, (OrtValue**)outValues);
            values.AddRange(outputValues.Where(value => value != 0));
            environment.Check(status, "run the model");
        }

        GC.KeepAlive(inputs);
        return outputs.Select((name, i) => (name, Tensor: Read(name, (OrtValue*)outputValues[i]))).ToDictionary(output => output.name, output => output.Tensor, StringComparer.Ordinal);
    }

    public void Dispose()
    {
        values.ForEach(value => environment.Api.ReleaseValue((OrtValue*)value));
        texts.ForEach(text => NativeMemory.Free((void*)text));
        environment.Api.ReleaseRunOptions(options);
        session.DangerousRelease();
    }

    private nint Native(string text)
    {
        nint copy = (nint)OrtSessionHandle.Utf8(text);
        texts.Add(copy);
        return copy;
    }

    private nint Value(string name, OnnxTensor tensor)
    {
        OrtValue* value;
        if (tensor.ElementType != OnnxElementType.String)
        {
            value = environment.TensorOver(tensor.Pointer, tensor.ByteCount, tensor.ElementType.ToOrt(), tensor.Dims.AsSpan(), $"Input \"{name}\"");
            values.Add((nint)value);
            return (nint)value;
        }

        nint[] strings = [.. tensor.Strings.Select(Native)];
        ImmutableArray<long> dims = tensor.Dims;
        fixed (long* shape = dims.AsSpan())
        fixed (nint* first = strings)
        {
            environment.Check(
                environment.Api.CreateTensorAsOrtValue(environment.Allocator, shape, (nuint)dims.Length, ONNXTensorElementDataType.ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, &value), $"make input \"{name}\"");
            values.Add((nint)value);
            environment.Check(environment.Api.FillStringTensor(value, (byte**)first, (nuint)strings.Length), $"fill input \"{name}\"");
        }

        return (nint)value;
    }

    private OnnxTensor Read(string name, OrtValue* value)
    {
        OrtApi api = environment.Api;
        int isTensor = 0;
        environment.Check(value is null ? null : api.IsTensor(value, &isTensor), $"tell what output \"{name}\" is");
        if (isTensor == 0)
        {
            throw new NotSupportedException($"Output \"{name}\" is no tensor; ask for others only.");
        }

        (OnnxElementType type, long[] dims) = Shape(name, value);
        if (type == OnnxElementType.String)
        {
            return OnnxTensor.FromStrings(Strings(name, value, dims), dims);
        }

        OnnxTensor tensor = OnnxTensor.Allocate(type, dims);
        void* data;
        environment.Check(api.GetTensorMutableData(value, &data), $"give output \"{name}\"");
        Buffer.MemoryCopy(data, (void*)tensor.Pointer, tensor.ByteCount, tensor.ByteCount);
        return tensor;
    }

    private (OnnxElementType Type, long[] Dims) Shape(string name, OrtValue* value)
    {
        OrtApi api = environment.Api;
        OrtTensorTypeAndShapeInfo* info;
        environment.Check(api.GetTensorTypeAndShape(value, &info), $"tell the shape of output \"{name}\"");
        try
        {
            ONNXTensorElementDataType type;
            nuint rank;
            environment.Check(api.GetTensorElementType(info, &type), $"tell the type of output \"{name}\"");
            environment.Check(api.GetDimensionsCount(info, &rank), $"tell the rank of output \"{name}\"");
            long[] dims = new long[(int)rank];
            fixed (long* dimensions = dims)
            {
                environment.Check(api.GetDimensions(info, dimensions, rank), $"tell the shape of output \"{name}\"");
            }

            return (((OrtElementType)type).ToOnnx(), dims);
        }
        finally
        {
            api.ReleaseTensorTypeAndShapeInfo(info);
        }
    }

    private string[] Strings(string name, OrtValue* value, long[] dims)
    {
        string[] strings = new string[checked((int)dims.Aggregate(1L, (product, dim) => checked(product * dim)))];
        for (int i = 0; i < strings.Length; i++)
        {
            nuint length;
            environment.Check(environment.Api.GetStringTensorElementLength(value, (nuint)i, &length), $"give the text of output \"{name}\"");
            byte[] utf8 = new byte[(int)length + 1]; // one more, so that there is an address for an empty text
            fixed (byte* first = utf8)
            {
                environment.Check(environment.Api.GetStringTensorElement(value, length, (nuint)i, first), $"give the text of output \"{name}\"");
            }

            strings[i] = Encoding.UTF8.GetString(utf8, 0, (int)length);
        }

        return strings;
    }
}
