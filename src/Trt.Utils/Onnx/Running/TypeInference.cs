using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Types of all values between inputs and outputs, as ONNX Runtime infers them when it opens the model with each of them as an output.</summary>
internal static class TypeInference
{
    /// <summary>Adds what can be inferred to what the model says of its main graph.</summary>
    /// <returns>Why nothing could be inferred; null when it was.</returns>
    public static string? Infer(EditableModel model)
    {
        ModelProto proto = model.Commit();
        try
        {
            using IOnnxSession session = RunnableModel.Open(proto, model.Contents, Everything, out _);
            foreach (OnnxValueInfo value in session.Outputs)
            {
                if (value.Kind == OnnxValueKind.Tensor && value.ElementType != OnnxElementType.Undefined && model.Main.Defines(value.Name))
                {
                    model.Main.Learn(value.Name, TensorType.Of(value));
                }
            }

            return null;
        }
        catch (OnnxRuntimeException error)
        {
            return error.Message;
        }
    }

    /// <summary>All values that nodes make; those that are no outputs without a type, since what a model says of them may be wrong.</summary>
    private static IEnumerable<ValueInfoProto> Everything(RunnableModel runnable) => runnable.Made.Select(name => runnable.Declared(name) ?? new ValueInfoProto { Name = name });
}
