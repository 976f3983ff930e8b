using System.Text;
using Google.Protobuf;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>LeNet in Caffe's two files: the network as text, and its weights as a protobuf message, made of models/lenet.pth.</summary>
internal static class CaffeLeNet
{
    /// <summary>The network for one digit; <c>prob</c> has probabilities, for Caffe has no logarithm of a softmax.</summary>
    public static byte[] Deploy => Encoding.ASCII.GetBytes("""
        name: "LeNet"
        layer { name: "data" type: "Input" top: "data" input_param { shape: { dim: 1 dim: 1 dim: 28 dim: 28 } } }
        layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param { num_output: 20 kernel_size: 5 stride: 1 } }
        layer { name: "pool1" type: "Pooling" bottom: "conv1" top: "pool1" pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
        layer { name: "conv2" type: "Convolution" bottom: "pool1" top: "conv2" convolution_param { num_output: 50 kernel_size: 5 stride: 1 } }
        layer { name: "pool2" type: "Pooling" bottom: "conv2" top: "pool2" pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
        layer { name: "fc1" type: "InnerProduct" bottom: "pool2" top: "fc1" inner_product_param { num_output: 500 } }
        layer { name: "relu1" type: "ReLU" bottom: "fc1" top: "fc1" }
        layer { name: "fc2" type: "InnerProduct" bottom: "fc1" top: "fc2" inner_product_param { num_output: 10 } }
        layer { name: "prob" type: "Softmax" bottom: "fc2" top: "prob" }

        """);

    /// <summary>A NetParameter with the layers that have weights.</summary>
    public static byte[] Model()
    {
        using TorchStateDict file = TorchStateDict.Open(ModelFiles.Find("lenet.pth"));
        return Message(net =>
        {
            net.WriteTag(1, WireFormat.WireType.LengthDelimited);
            net.WriteString("LeNet");
            foreach ((string name, string type) in (ReadOnlySpan<(string, string)>)[("conv1", "Convolution"), ("conv2", "Convolution"), ("fc1", "InnerProduct"), ("fc2", "InnerProduct")])
            {
                Field(net, 100, Message(layer =>
                {
                    layer.WriteTag(1, WireFormat.WireType.LengthDelimited);
                    layer.WriteString(name);
                    layer.WriteTag(2, WireFormat.WireType.LengthDelimited);
                    layer.WriteString(type);
                    foreach (string weights in (ReadOnlySpan<string>)[name + ".weight", name + ".bias"])
                    {
                        Field(layer, 7, Blob([.. file[weights].Shape], file[weights].ToFloat32()));
                    }
                }));
            }
        });
    }

    /// <summary>A BlobProto: its shape, then its numbers, both packed.</summary>
    private static byte[] Blob(long[] shape, float[] data) => Message(blob =>
    {
        Field(blob, 7, Message(dims => Field(dims, 1, Message(packed => Array.ForEach(shape, packed.WriteInt64)))));
        Field(blob, 5, System.Runtime.InteropServices.MemoryMarshal.AsBytes(data.AsSpan()).ToArray());
    });

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using MemoryStream bytes = new();
        using (CodedOutputStream stream = new(bytes, leaveOpen: true))
        {
            write(stream);
        }

        return bytes.ToArray();
    }

    private static void Field(CodedOutputStream stream, int number, byte[] content)
    {
        stream.WriteTag(number, WireFormat.WireType.LengthDelimited);
        stream.WriteBytes(UnsafeByteOperations.UnsafeWrap(content));
    }
}
